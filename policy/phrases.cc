// SPDX-License-Identifier: Apache-2.0
#include "policy/phrases.h"

#include <unicode/regex.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>
#include <string>

#include "policy/needed.h"
#include "policy/normalise.h"

namespace tact::policy {
namespace {

// Words that several phrases share; "<stem>" in a phrase stands for the one of that name.
// Traditional forms are folded before, so each word is here once.
struct Part {
  std::string_view name;
  std::string_view pattern;
};
constexpr auto kParts = std::to_array<Part>({
    {"<stem>",
     "(?:退订|退定|取消(?:我的|本人的?)?订阅|拒收|拒绝接收|停止发送|停止接收|停止推送|停发)"},
    {"<object>", "(?:短信|信息|消息|广告|简讯|讯息|推送|通知短信|推广|推销)"},
    {"<kinds>",
     "(?:营销|推广|广告|垃圾|促销|推销|商业|骚扰|类|的|这类|此类|这种|这些|该|你们|你|您|贵行|贵司|"
     "所有|全部|任何|一切|什么|了|我|本人)*"},
    {"<tail>",
     "(?:了|吧|啊|呀|啦|哦|好吗|行吗|可以吗|行不行|谢谢|给我|俾我|畀我|到我手机|过来|来)*"},
    {"<you>", "(?:你们?|您|贵行|贵司)?"},
    {"<ask>", "(?:请|麻烦|烦请|求求?|拜托|希望|恳请)?"},
    {"<no>", "(?:别|不要|勿|不许|不准|不得|停止|不用|无需|不必|禁止|甭|莫|唔好)"},
    {"<mine>", "(?:我们?|俺|本人|本机|我的?手机|(?:这个?|此|本|我的?)(?:手机)?号码?)"},
    {"<whom>",
     "(?:我们?|就|便|信不信|一定|肯定|必须?|直接|马上|立刻|立即|真的?|要|会|去|将|只[好能]|到|向|"
     "给|打|拨打|找|你们?|小心|当心|[0-9]{3,5}|工信部|银保监会?|金管局|监管局|消协|法院|警察)*"},
    {"<blot>", "[ .,*|/_~、·-]{0,2}"},
    {"<marker_stem>", "(?:退订|退定|拒收|取消订阅)"},
    {"<texts>", "(?:texts?|messages?|sms|msgs?|alerts?|text messages?|spam)"},
    {"<which>",
     "(?: (?:all|any|these|those|this|your|the|more|such|marketing|promotional|of|my|sms|spam))*"},
    {"<please>", "(?:please |pls |plz |kindly )"},
    {"<me>", "(?:me|us|(?:my|this) (?:number|phone))"},
    {"<dont>", "(?:don['\u2019]?t|do not|never)"},
    {"<list>", "(?: (?:sms|text|mailing|marketing|contact))?(?: (?:lists?|texts?|messages?|sms))?"},
});

constexpr std::string_view kOptOutWord =
    "t|r|td|qx|stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|remove|arret|stop all|opt "
    "out|"
    "opt-out|td(?:[a-z]{1,2}|[0-9]{1,4})|0000|"
    "退 ?订|退定|拒 ?收|取消 ?订阅|拒绝接收|停止发送|全部退订|退订全部|"
    "(?:t|r|n|td)[ ,:]?<marker_stem>|<marker_stem>[ ,:]?(?:t|r|n|td)|"
    "<marker_stem>[ ,:]?请?(?:直接)?(?:回复?|发送?|复)[ ,:]?(?:t|r|n|d|td|qx)|"
    "请?(?:回复?|发送?)?[ ,:]?(?:t|r|n|d|td|qx)(?:可|即可|可以)?[ ,:]?<marker_stem>|"
    "(?:reply |text |send )?stop to (?:opt out|opt-out|unsubscribe|cancel|end|quit|stop)|"
    "(?:请|我|已经?|都)+(?:回复?|发送)[ ,:]?(?:t|r|td|qx)|"
    "退订(?:[ ,.!。]*退订){1,4}|拒收(?:[ ,.!。]*拒收){1,4}|stop(?:[ ,.!]*stop){1,4}|"
    "td(?:[ ,.!]*td){1,4}";

constexpr std::string_view kOptOutLetters =
    "td|qx|stop|stopall|unsubscribe|cancel|end|quit|revoke|optout|remove|arret";

// "I want out"; "the texts, out"; "send me no more"; "texts no more"; "I want no messages"; "take
// me off the list"; "send again and I complain".
constexpr std::string_view kRefusal =
    "(?:你好|您好)?(?:我们?|本人)?(?:现在|已经)?(?:要求|想要|想|要|申请|需要|希望|请求|决定)*"
    "(?:请|麻烦|烦请)?<you>(?:帮我|给我|替我|为我|帮忙|把我)?"
    "(?:全部|全|都|立即|立刻|马上|赶紧|尽快)*"
    "(?:<stem>(?:一下|掉)?<kinds><object>?|td(?:一下|掉)?(?:短信|信息|广告)?)<tail>"
    "|<ask>(?:帮我|给我|替我)?(?:把|将)<kinds><object>(?:全部|全|都|给我)*<stem>(?:一下|掉)?<tail>"
    "|<kinds><object>(?:全部|全|都|请|一律)*<stem>(?:吧|谢谢)?"
    "|(?:你好|您好)?<ask><you>(?:以后|今后|从此|往后|从现在起)?(?:请|都)?<no>"
    "(?:再|一直|老是|老|总是|总|天天|继续|随便|乱)*(?:给|向|对|跟|往)?<mine>?(?:再|乱)?"
    "(?:发送?|推送|打扰|骚扰|群发)(?:来|过来|给)?<kinds><object>?(?:来?(?:骚扰|打扰)我?)?<tail>"
    "|<kinds><object>(?:请|也|都|就|全)*<no>再?(?:给|往)?<mine>?发<tail>"
    "|(?:我们?|本人)?(?:不想|不愿意?|不要|不再|不希望|拒绝|不同意)再?(?:收到?|接收|接受|看到)"
    "<kinds>(?:短信|信息|消息|广告|简讯|讯息|推送)<tail>"
    "|<ask>(?:把|将)<mine>(?:的(?:手机)?号码?)?从<you>的?(?:短信|发送|营销|推广|推送|群发|客户)?"
    "(?:名单|列表)(?:里|中|内|上)?(?:删除?|移除|去掉|删掉|剔除|移出)<tail>"
    "|(?:你们?)?(?:要是|如果|若|敢)?(?:再|还|继续|还敢|再敢|还在|还要)(?:给|往)?<mine>?(?:乱|敢)*"
    "(?:发送?|骚扰)(?:来|过来)?(?:一?[条次个])?<kinds><object>?(?:的话)?[,.!。]?<whom>"
    "(?:投诉|举报|报警)(?!电话|热线|渠道|方式|邮箱|地址|平台).{0,4}";

constexpr std::string_view kEnglishRefusal =
    "<please>?stop(?: (?:sending|texting|messaging|contacting|spamming)(?: <me>)?)?"
    "(?:<which> <texts>)?(?: to me| to (?:this|my) (?:number|phone))?(?: please| now)?"
    "|<please>?quit (?:sending|texting|messaging|contacting|spamming)(?: <me>)?(?:<which> <texts>)?"
    "|<please>?(?:unsubscribe|remove|delete) <me>"
    "(?: from(?: (?:this|your|the|all))?<list>)?(?: please)?"
    "|<please>?take <me> off(?: of)?(?: (?:your|the|this))?<list>(?: please)?"
    "|<please>?<dont> (?:text|contact|message|sms) (?:me|this number)"
    "(?: again| any ?more| ever again)?(?: please)?"
    "|<please>?<dont> send (?:me )?(?:any )?(?:more )?<texts>(?: again| any ?more| to me)?(?: "
    "please)?"
    "|i (?:<dont>|no longer) (?:want|wish)(?: to (?:get|receive))?<which> <texts>(?: any ?more)?"
    "|(?:<please>|i want to |i would like to |i['\u2019]?d like to |i wish to |want to )*"
    "(?:opt[ -]?out|unsubscribe)(?: me)?(?: (?:from|of))?<which>(?: <texts>)?(?: please)?"
    "|<please>?opt (?:me|us) out(?: of<which>(?: <texts>)?)?(?: please)?"
    "|<please>?cancel<which> (?:sms|texts?|text messages?|subscription)(?: please)?";

constexpr std::string_view kCourtesy =
    "(?:你好|您好|喂|不好意思|抱歉|对不起|打扰了?|麻烦了?|拜托了?|请问|谢谢(?:你们?|您|了|啦)?|"
    "多谢|感谢|辛苦了?|"
    "hi|hello|hey|sorry|please|thanks|thank ?you|thx)";

constexpr std::string_view kReason =
    "(?:我?不需要|不用|没兴趣|不感兴趣|不要|谢谢|太烦|烦死|烦人|很烦|烦|够|别烦我|骚扰|"
    "[我已]?要?投诉|否则投诉|不然投诉|再发投诉|再见|thanks|thankyou|please|now)(?:了|吧|啊|谢谢)*";

constexpr std::string_view kCondition =
    "如果|要是|为什么|怎么|能不能|是否|吗|万一|请把|改|电子|邮箱|\\bif\\b|why";

constexpr std::string_view kStopAll =
    "stopall|stop(?:sending|texting|messaging)(?:me)?all|全部(?:退订|拒收|取消)|(?:退订|拒收)全部|"
    "(?:所有|一切|全部|任何)(?:的)?(?:短信|信息|消息|通知|简讯|讯息)";

constexpr std::string_view kNegation =
    "(?:不要|不想|不用|不|没有|没|别|don['\u2019]?t|donot|never|not)"
    "(?:退订|退定|取消订阅|拒收|stop|unsubscribe|opt(?:me|us)?-?out)";

constexpr std::string_view kQuestion =
    "(?:怎么|怎样|如何|咋|哪里|哪儿).{0,6}(?:退订|退定|取消订阅|拒收|取消短信|停止发送|td\\b|stop|"
    "unsubscribe)|\\bhow\\b.{0,12}(?:unsubscribe|stop|opt[ -]?out|退订|取消订阅)";

constexpr std::string_view kOptIn =
    "(?:我要|我想|请|申请|我想要|我申请)?(?:订阅|恢复订阅|重新订阅|取消退订|取消拒收)(?:短信)?";
constexpr std::string_view kOptInLetters = "start|unstop|subscribe|optin";

constexpr std::string_view kHelp = "help|info|帮助|求助|人工|客服|人工客服|转人工|菜单";

// Wide on purpose: a person looks at it.
constexpr std::string_view kSuspect =
    "[退腿]<blot>[订定丁钉顶盯]|推[订丁钉顶]|拒<blot>收|退阅|取消订阅|撤销订阅|取关|推销|拉黑|"
    "屏蔽我|(?:屏蔽|移除|删除)[^,。]{0,4}号码|从[^,。]{0,8}名单|关闭[^,。]{0,4}(?:推送|短信)|"
    "(?:^| )td\\b|un-?su[bs]|\\bstop|stop\\b|opt[ -]?out|投诉|举报|骚扰|打扰|报警|"
    "别烦|烦死|太烦|^烦$|别来烦|烦不烦|停止|^停|^取消|别再|不要再|不再接收|不接收|"
    "(?:别|不要)[^人]{0,6}发|勿[^人]{0,4}发|(?:别|不要|勿)[^人]{0,6}[传寄]|"
    "(?:甭|莫|唔好|唔要)[^人]{0,6}(?:发|传|寄|send)|不想[^人]{0,4}收|拒绝|"
    "垃圾(?:短信|广告|信息)|no more|leave me alone|<dont> (?:text|contact|message|send|sms)|"
    "^(?:please |pls )?cancel(?: please| it| this)?$|take me off|remove me|spam|harass|"
    "стоп|отпис|отмен";

// Who says what they are not ("我不是故意的", "我不是学生"), or that they erred ("我发错了"), does
// not say that we mean somebody else. A look behind stands after the first character, for a search
// to know by which character it begins.
constexpr std::string_view kWrongParty =
    "发(?<!我发)错(?!了?(?:地址|验证码|货|文件|材料|资料|图|内容|账|邮箱|链接|款))|"
    "打(?<!我打)错(?!了?(?:字|账|卡|钱|款))|给我[发打]错|找错|查无此人|没有?[这此]个?人|"
    "不是本人|不是我的?(?:手机|电话)?号|不(?:再)?(?:用|使用)(?:这个|此)(?:手机|电话)?号|"
    "不认识(?![这那]?几?个?的?(?:字|词|路|英文))|"
    "我不是(?!不|没|已|说|刚|故意|存心|要|想|还|问|很|骗|有|来|去|在|为|因|[这那]个?意思|"
    "学生|会员|[本外]地|[老新](?:客|用)户|[^,。]{1,12}吗)|"
    "不是(?:你们?|您|贵行)要?[找说]的|我不(?:姓|叫(?!外卖|车|醒|苦))|不是机主|新机主|"
    "(?:号码?|机主)(?:早?已经?)?换了?人|换了?机主|换的?号|号码?是我[刚新]|"
    "号码?(?:现在|目前)?是?我在?用|"
    "我是[^,。]{1,5}(?:老婆|老公|妻子|丈夫|爱人|爸|妈|父亲|母亲|儿子|女儿|哥|弟|姐|妹)|"
    "我是[^,。]{1,5}(?:家人|家属|同事)";
constexpr std::string_view kWrongEnglish =
    "wrong (?:number|person|guy|man|woman)(?! of)|not me\\b|not my name|"
    "(?:i am not|i['\u2019]m not|this is not|this isn['\u2019]?t) (?:mr|ms|mrs)\\b|"
    "(?:i am|i['\u2019]m|this is) (?:his|her) |"
    "i(?: a|['\u2019])m not (?:him|her)|"
    "(?:do not|don['\u2019]?t) know (?:(?:this|that) (?:person|man|woman|guy)|him|her)\\b|"
    "(?:does not|doesn['\u2019]?t|no longer) uses? this (?:number|phone)";
constexpr std::string_view kDispute =
    "已经?还|还(?<![没未有]还)清|还过了|还完|[就早都]还了|已结清|结清了|"
    "[钱款](?:都|早)?已?经?[转打汇]过?去?了|失业|没工作|下岗|裁员|被裁|破产|没发工资|工资没发|"
    "协商|分(?<!十分)期(?!待|望|盼|货|限)|延期|宽限|展期|停息|减免|没钱|困难|周转不开|"
    "还不[起上了]|晚几天|缓几天|先还一部分|住院|生病|有异议|[金数]额(?:不对|不符|有误)|"
    "[账帐]不对|算错|盗刷|被人?[骗盗刷]|不是我[借刷贷办花]|没有?[借办]过|没有?欠|没有?贷过款";
constexpr std::string_view kDisputeEnglish =
    "already paid|have paid|paid (?:it|off|in full|already)|lost my job|unemployed|laid off|"
    "bankrupt|can(?:no|['\u2019])?t (?:pay|afford)|not my (?:debt|loan|card|account|charge)|"
    "(?:do not|don['\u2019]?t|never) (?:owe|borrow)|dispute|hardship|instal+ment";

struct Entry {
  std::string_view pattern;
  bool whole;
};
// In the order of Phrase.
constexpr auto kEntries = std::to_array<Entry>({{kOptOutWord, true},
                                                {kOptOutLetters, true},
                                                {kRefusal, true},
                                                {kEnglishRefusal, true},
                                                {kCourtesy, true},
                                                {kReason, true},
                                                {kCondition, false},
                                                {kStopAll, false},
                                                {kNegation, false},
                                                {kQuestion, false},
                                                {kOptIn, true},
                                                {kOptInLetters, true},
                                                {kHelp, true},
                                                {kSuspect, false},
                                                {kWrongParty, false},
                                                {kWrongEnglish, false},
                                                {kDispute, false},
                                                {kDisputeEnglish, false}});
static_assert(kEntries.size() == static_cast<size_t>(Phrase::dispute_english) + 1);

std::string spelled_out(std::string_view pattern) {
  std::string s(pattern);
  for (const Part& part : kParts) {
    for (size_t at = s.find(part.name); at != s.npos; at = s.find(part.name, at)) {
      s.replace(at, part.name.size(), part.pattern);
    }
  }
  return s;
}

static_assert(kEntries.size() <= 32, "a bit each in Compiled");

// The expressions, and what tells of most texts without running one that they are not there.
class Compiled {
 public:
  Compiled() {
    for (size_t i = 0; i < patterns_.size(); ++i) {
      const std::string pattern = spelled_out(kEntries[i].pattern);
      UErrorCode status = U_ZERO_ERROR;
      UParseError where;
      patterns_[i].reset(
          icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(pattern), where, status));
      const auto needed = needed_characters(pattern);
      if (!needed || *needed->rbegin() >= needing_.size()) {
        always_ |= 1u << i;
        continue;
      }
      for (const char32_t c : *needed) needing_[c] |= 1u << i;
    }
  }

  // Has the text a character that the phrase needs, if any is?
  bool possible(size_t phrase, std::string_view utf8) const {
    if ((always_ >> phrase & 1) != 0) return true;
    for (size_t pos = 0; pos < utf8.size();) {
      const Decoded d = decode_utf8(utf8, pos);
      if (d.cp < needing_.size() && (needing_[d.cp] >> phrase & 1) != 0) return true;
      pos += d.bytes;
    }
    return false;
  }

  const icu::RegexPattern& pattern(size_t phrase) const { return *patterns_[phrase]; }

 private:
  std::array<std::unique_ptr<icu::RegexPattern>, kEntries.size()> patterns_;
  std::array<uint32_t, 0x10000> needing_{};  // by character of the basic plane: phrases, as bits
  uint32_t always_ = 0;                      // phrases of which nothing is known
};

const Compiled& compiled() {
  static const auto instance = std::make_unique<const Compiled>();
  return *instance;
}

}  // namespace

bool matches(Phrase phrase, std::string_view utf8) {
  const auto i = static_cast<size_t>(phrase);
  if (!compiled().possible(i, utf8)) return false;
  const icu::StringPiece piece(utf8.data(), static_cast<int32_t>(utf8.size()));
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(piece);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled().pattern(i).matcher(text, status));
  const bool found = kEntries[i].whole ? matcher->matches(status) : matcher->find(status);
  return U_SUCCESS(status) && found;
}

}  // namespace tact::policy
