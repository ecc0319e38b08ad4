// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "bench/micro/paths.h"
#include "bench/micro/samples.h"
#include "policy/keyword.h"
#include "smpp/segment.h"

namespace tact::bench {
namespace {

constexpr std::string_view kGsmText =
    "Your account ending 0031 has received 1,250.00; reference 482913. If this was not you, call "
    "95500.";
constexpr std::string_view kSentence = "你好，请问我的账单是什么时候出，谢谢";

Path planning(std::string name, std::string text, int parts) {
  return {std::move(name), 1, [text, parts] {
            return [text, parts] { return smpp::plan(text, smpp::Concat::udh16).parts == parts; };
          }};
}

Path splitting(std::string name, std::string text, int parts) {
  return {std::move(name), 1, [text, parts] {
            return [text, parts, segments = std::make_shared<smpp::Segments>()] {
              const auto error = segments->split(text, {.concat = smpp::Concat::udh16});
              return error == smpp::TextError::none && segments->size() == parts;
            };
          }};
}

Path deciding(std::string name, std::string text, policy::Reply::Kind kind) {
  return {std::move(name), 1, [text, kind] {
            return [text, kind] {
              const policy::ReplyContext context{.advertised = policy::bit(policy::Keyword::r)};
              return policy::decide(text, context).kind == kind;
            };
          }};
}

}  // namespace

std::vector<Path> text_paths() {
  const std::string notice(kNoticeText), gsm(kGsmText);
  const std::string three = notice + notice + notice;
  return {planning("plan-chinese", notice, 1),
          planning("plan-gsm", gsm, 1),
          splitting("split-gsm", gsm, 1),
          splitting("split-chinese", notice, 1),
          splitting("split-chinese-three-parts", three, 3),
          deciding("reply-optout", "R", policy::Reply::Kind::opt_out),
          deciding("reply-sentence", std::string(kSentence), policy::Reply::Kind::none)};
}

}  // namespace tact::bench
