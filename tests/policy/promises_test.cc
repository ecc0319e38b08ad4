// SPDX-License-Identifier: Apache-2.0
// What the gate promises, held against everything that was sent: random jobs, replies, deferrals,
// waits for carriers, reloads and crashes, and a model that knows nothing but the list of what has
// left. TACT_STEPS and TACT_SEED make it longer or another.
#include <cstdlib>
#include <deque>
#include <iostream>
#include <random>
#include <set>

#include "policy/caps.h"
#include "policy/compiled.h"
#include "tests/policy/fixture.h"

namespace tact::policy::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::milliseconds;

uint64_t environment(const char* name, uint64_t otherwise) {
  const char* told = std::getenv(name);
  return told == nullptr ? otherwise : std::strtoull(told, nullptr, 10);
}

struct Person {
  const char* number;
  const char* zone;                   // as its producer knows it; empty: by number
  std::vector<const char*> lives_in;  // any of these
};
const Person kPeople[] = {
    {"+8613800138000", "", {"Asia/Shanghai"}},
    {"+8613800138001", "", {"Asia/Shanghai"}},
    {"+8613900138002", "Asia/Urumqi", {"Asia/Urumqi"}},
    {"+12125550100", "", {"America/New_York"}},
    {"+4915112345678", "", {"Europe/Berlin"}},
    {"+61412345678", "", {"Australia/Perth", "Australia/Sydney", "Australia/Adelaide"}},
    {"+5511912345678", "", {"America/Sao_Paulo"}},
};
constexpr size_t kCount = std::size(kPeople);

// A message on its way.
struct Job {
  MessageId id = 0;
  size_t person = 0;
  Class cls = Class::unset;
  uint16_t brand = 0;
  std::string source;  // as its producer wrote it
  std::string text;    // after rewriting
  std::string campaign;
  bool emergency = false;
  bool urgent = true;
  Instant accepted, expires, due;
  Instant queued;  // admitted for the last time
  KeywordMask advertised = 0;
};

// The model: what has left, to one person.
struct Sent {
  Class cls = Class::unset;
  uint16_t brand = 0;
  Instant at, queued;
  std::string source, campaign;
  bool emergency = false, urgent = true;
};

class Promises {
 public:
  explicit Promises(uint64_t seed) : seed_(seed), random_(seed) {
    for (const Person& p : kPeople) {
      auto& zones = zones_.emplace_back();
      for (const char* name : p.lives_in) zones.push_back(date::locate_zone(name));
    }
    history_.resize(kCount);
  }

  void step() {
    const uint64_t pace = below(10);
    now_ += milliseconds(below(pace == 0 ? 4 * 86'400'000 : pace < 5 ? 1'200'000 : 20'000));
    wake();
    switch (below(16)) {
      case 0:
        return reply();
      case 1:
        return below(20) == 0 ? crash() : settle();
      case 2:
        return below(20) == 0 ? reload() : settle();
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        return leave(below(8) == 0 ? below(40) : below(3));
      default:
        return submit();
    }
  }

  uint64_t sent() const { return count_; }
  const std::map<Rule, uint64_t>& fired() const { return fired_; }

 private:
  uint64_t below(uint64_t n) { return random_() % n; }
  NumberHash hash(size_t person) const { return (person + 1) * 0x9e3779b97f4a7c15; }

  void submit() {
    static constexpr const char* kOffers[] = {"周末刷卡立减20元。", "新客首刷有礼。",
                                              "积分兑换季。", "分期手续费八折。",
                                              "生日当月双倍积分。"};
    Job job;
    job.id = ++last_id_;
    job.person = below(2) == 0 ? 0 : below(kCount);
    job.cls = static_cast<Class>(1 + below(kClassCount));
    const bool second = below(4) == 0;
    job.brand = second ? 2 : 1;
    const std::string contact = second ? "400-600-1234" : "955XX";
    job.source = below(2) == 0 ? "" : second ? "【YY信用卡】" : "【XX银行】";
    if (job.source.empty() && !std::string_view(kPeople[job.person].number).starts_with("+86")) {
      job.source = second ? "【YY信用卡】" : "【XX银行】";
    }
    const std::string pick(kOffers[below(std::size(kOffers))]);
    switch (job.cls) {
      case Class::otp:
        job.source += "验证码" + std::to_string(100'000 + below(900'000)) + "。";
        break;
      case Class::crisis:
        job.source += "系统今晚升级，请提前办理业务。";
        break;
      case Class::notification:
        job.source += "您尾号1234的账户支出" + std::to_string(below(9)) + "元。";
        break;
      case Class::collection:
        job.source += "您好，您的信用贷本期应还" + std::to_string(1 + below(9)) + "00元，" +
                      (below(3) == 0 ? "如有困难" : "谢谢") + "请致电" + contact + "。";
        break;
      default:
        job.source += pick + "详询" + contact;
    }
    if (below(3) == 0) job.campaign = below(2) == 0 ? "spring" : "summer";
    job.emergency = below(8) == 0;
    job.urgent = below(2) == 0;
    job.accepted = now_;
    job.expires = now_ + patience(job.cls);
    job.text = job.source;
    judge(std::move(job));
  }

  Submission view(const Job& job) const {
    Submission s;
    s.account = job.brand == 2 ? 2 : 1;
    s.owner = 1;
    s.brand = job.brand;
    s.cls = job.cls;
    s.role = Role::debtor;
    s.to = kPeople[job.person].number;
    s.zone = kPeople[job.person].zone;
    s.text = job.text;
    s.campaign = job.campaign;
    s.number = hash(job.person);
    s.id = job.id;
    s.urgent = job.urgent;
    s.consent = true;
    s.emergency = job.emergency;
    s.accepted = job.accepted;
    s.expires_at = job.expires;
    s.now = now_;
    return s;
  }

  void note(const Verdict& v) {
    for (const Fired& f : v.fired) ++fired_[f.rule];
  }

  // Admission, and again when its time has come.
  void judge(Job job) {
    const NumberHash number = hash(job.person);
    const Verdict v = gate_.admit(view(job), book_->find(number), suppression_);
    note(v);
    if (v.action == Action::reject) return log(book_->release(number, job.id, now_));
    if (!v.text.empty()) job.text = v.text;
    job.advertised = v.advertised;
    const bool deferred = v.action == Action::defer;
    const Instant when = deferred ? std::chrono::ceil<std::chrono::seconds>(v.until) : now_;
    if (gate_.rules().counted(job.cls)) {
      log(book_->reserve(number, job.id, v.brand, job.cls, when, now_, v.like));
    }
    job.due = when;
    job.queued = now_;
    if (deferred) {
      later_.push_back(std::move(job));
    } else if (job.cls == Class::otp) {
      queue_.push_front(std::move(job));
    } else {
      queue_.push_back(std::move(job));
    }
  }

  void wake() {
    std::stable_sort(later_.begin(), later_.end(),
                     [](const Job& a, const Job& b) { return a.due < b.due; });
    while (!later_.empty() && later_.front().due <= now_) {
      Job job = std::move(later_.front());
      later_.pop_front();
      judge(std::move(job));
    }
  }

  // The carrier takes some, in their order.
  void leave(uint64_t most) {
    for (; most > 0 && !queue_.empty(); --most) {
      Job job = std::move(queue_.front());
      queue_.pop_front();
      const Verdict v = gate_.release(view(job), suppression_);
      note(v);
      if (v.action == Action::defer) {
        job.due = std::chrono::ceil<std::chrono::seconds>(v.until);
        later_.push_back(std::move(job));
      } else if (v.action == Action::reject) {
        log(book_->release(hash(job.person), job.id, now_));
      } else {
        check(job);
        history_[job.person].push_back({job.cls, job.brand, now_, job.queued, job.source,
                                        job.campaign, job.emergency, job.urgent});
        ++count_;
        fates_.push_back({job, now_});
        if (below(4) != 0) settle();
      }
      now_ += milliseconds(below(50));
    }
  }

  // The tenant hears of what was sent, at once or a little later.
  void settle() {
    for (const auto& [job, at] : fates_) {
      if (!gate_.rules().counted(job.cls)) continue;
      log(book_->settle(hash(job.person), job.id, job.brand, job.cls, job.advertised, at, now_));
    }
    fates_.clear();
  }

  void reply() {
    const size_t person = below(kCount);
    const auto brand = static_cast<uint16_t>(1 + below(2));
    settle();
    log(book_->answer(hash(person), brand, now_));
    replies_[person].push_back({brand, now_});
    const auto set = [&](ClassMask classes, Block block, bool on, Instant until = {}) {
      suppression_.set(brand, hash(person), classes, block, on, now_, 1, until);
    };
    switch (below(8)) {
      case 0:
        set(kOptionalClasses, Block::opt_out, true);
        opted_out_[person].insert(brand);
        break;
      case 1:
      case 2:
        set(kOptionalClasses, Block::opt_out, false);
        opted_out_[person].erase(brand);
        break;
      case 3:
        set(mask(Class::collection), Block::pause, true, now_ + 72h);
        paused_[{person, brand}] = now_ + 72h;
        break;
      default:
        break;
    }
  }

  // Everything durable comes back: a snapshot and the changes behind it, octet by octet.
  void crash() {
    auto fresh = std::make_unique<ContactBook>(kTenant);
    for (size_t part = 0; part < ContactBook::kParts; ++part) {
      ASSERT_TRUE(parts_.empty() || fresh->restore(part, parts_[part]));
    }
    std::string_view rest = changes_;
    while (!rest.empty()) {
      const auto change = ContactChange::read(rest);
      ASSERT_TRUE(change);
      fresh->apply(*change);
    }
    book_ = std::move(fresh);
    parts_.assign(ContactBook::kParts, "");
    for (size_t part = 0; part < ContactBook::kParts; ++part) {
      book_->snapshot(part, now_, parts_[part]);
    }
    // Some of the log stays: a part is older than what follows it.
    if (below(2) == 0) changes_.clear();
  }

  void reload() {
    static const auto narrow = [] {
      RuleSetSpec spec = bank();
      auto& marketing = spec.classes[size_t(Class::marketing) - 1];
      marketing.window = {Minutes(10 * 60), Minutes(18 * 60)};
      marketing.preferred = {{{Minutes(10 * 60 + 30), Minutes(11 * 60 + 30)}, 0x3e}};
      return build(std::move(spec)).rules;
    }();
    gate_.use(below(2) == 0 ? narrow : rules());
  }

  void log(const ContactChange& change) {
    const auto octets = change.encode();
    changes_.append(octets.begin(), octets.end());
  }

  // ---- What must never be.

  void wrong(const Job& job, const std::string& what) const {
    ADD_FAILURE() << what << ": " << name(job.cls) << " " << job.id << " to "
                  << kPeople[job.person].number << " at " << iso(now_) << ", seed " << seed_;
  }

  void check(const Job& job) {
    const bool optional = contains(kOptionalClasses, job.cls);
    if (optional || (job.cls == Class::notification && !job.urgent)) check_hours(job, optional);
    if (now_ >= job.expires) wrong(job, "expired");
    if (optional && opted_out_[job.person].contains(job.brand)) wrong(job, "opted out");
    if (job.cls == Class::collection && paused_[{job.person, job.brand}] > now_) {
      wrong(job, "paused");
    }
    check_counts(job);
    if (optional) check_month(job);
    if (optional || job.cls == Class::crisis) check_repetition(job);
    if (job.cls == Class::collection) check_reminders(job);
    if (job.cls == Class::marketing && !job.campaign.empty()) check_campaign(job);
    std::erase_if(history_[job.person], [&](const Sent& s) { return s.at < now_ - days(93); });
  }

  void check_hours(const Job& job, bool holidays) const {
    for (const date::time_zone* zone : zones_[job.person]) {
      const auto local = date::make_zoned(zone, now_).get_local_time();
      const auto day = date::floor<date::days>(local);
      if (local - day < 9h || local - day >= 20h) wrong(job, "hours of " + zone->name());
      const bool china = std::string_view(kPeople[job.person].number).starts_with("+86");
      const auto& calendar = rules()->impl().calendar;
      if (holidays && china && calendar.off("CN", day)) wrong(job, "a holiday");
    }
  }

  template <typename Which>
  size_t count_since(const Job& job, Instant since, Which which) const {
    const auto& history = history_[job.person];
    return static_cast<size_t>(std::count_if(
        history.begin(), history.end(), [&](const Sent& s) { return s.at > since && which(s); }));
  }

  void check_counts(const Job& job) {
    const auto cap = [&](const char* what, uint16_t most, milliseconds window, auto which) {
      if (most > 0 && count_since(job, now_ - window, which) >= most) wrong(job, what);
    };
    const ClassRules& c = rules()->of(job.cls);
    const auto same = [&](const Sent& s) { return s.cls == job.cls; };
    const auto own = [&](const Sent& s) { return s.cls == job.cls && s.brand == job.brand; };
    cap("CAP_DAY", c.cap_day, 24h, same);
    cap("CAP_SHORT, minute", c.cap_minute, 1min, own);
    cap("CAP_SHORT, hour", c.cap_hour, 1h, own);
    if (job.cls != Class::collection) return;
    // An emergency is no reason for the next one to wait longer than for any other.
    for (const Sent& s : history_[job.person]) {
      if (!own(s) || s.at <= now_ - days(7)) continue;
      const bool exempt = s.queued > job.queued ? s.emergency : job.emergency;
      if (!exempt) wrong(job, "FREQ_WEEK");
    }
  }

  void check_month(const Job& job) {
    for (const date::time_zone* zone : zones_[job.person]) {
      const auto month = [&](Instant t) {
        const date::year_month_day day(
            date::floor<date::days>(date::make_zoned(zone, t).get_local_time()));
        return day.year() / day.month();
      };
      const auto n = count_since(job, now_ - days(32), [&](const Sent& s) {
        return contains(kOptionalClasses, s.cls) && s.brand == job.brand &&
               month(s.at) == month(now_);
      });
      if (n >= 8) wrong(job, "CAP_MONTH");
    }
  }

  // Texts of these jobs that differ in their digits are alike; what they say without a signature
  // is another text than with it.
  static std::string without_digits(std::string s) {
    std::erase_if(s, ascii_digit);
    return s;
  }
  void check_repetition(const Job& job) {
    const bool optional = contains(kOptionalClasses, job.cls);
    const milliseconds span = rules()->of(job.cls).cooldown;
    for (const Sent& s : history_[job.person]) {
      if (s.cls != job.cls || s.brand != job.brand || s.at <= now_ - span) continue;
      if (optional ? without_digits(s.source) == without_digits(job.source)
                   : s.source == job.source) {
        wrong(job, "COOLDOWN");
      }
    }
  }

  // Of the reminders since the last reply, and within what is remembered.
  void check_reminders(const Job& job) {
    Instant answered = now_ - days(92);
    for (const auto& [brand, at] : replies_[job.person]) {
      if (brand == job.brand) answered = std::max(answered, at);
    }
    const auto n = count_since(job, answered, [&](const Sent& s) {
      return s.cls == Class::collection && s.brand == job.brand;
    });
    if (n >= 3) wrong(job, "ESCALATE");
  }

  void check_campaign(const Job& job) {
    const auto touches = [&](milliseconds window) {
      return count_since(job, now_ - window, [&](const Sent& s) {
        return s.cls == job.cls && s.brand == job.brand && s.campaign == job.campaign;
      });
    };
    if (touches(days(32)) >= 2) wrong(job, "RETOUCH, a third");
    if (touches(24h) >= 1) wrong(job, "RETOUCH, on the same day");
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  std::vector<std::vector<const date::time_zone*>> zones_;
  Instant now_ = at("2025-12-20T00:00+08:00");
  Gate gate_{rules(), segments};
  std::unique_ptr<ContactBook> book_ = std::make_unique<ContactBook>(kTenant);
  Suppression suppression_;
  MessageId last_id_ = 0;
  std::deque<Job> later_, queue_;
  struct Fate {
    Job job;
    Instant at;
  };
  std::vector<Fate> fates_;
  std::string changes_;
  std::vector<std::string> parts_;

  std::vector<std::vector<Sent>> history_;  // by person
  std::map<size_t, std::vector<std::pair<uint16_t, Instant>>> replies_;
  std::map<size_t, std::set<uint16_t>> opted_out_;
  std::map<std::pair<size_t, uint16_t>, Instant> paused_;
  uint64_t count_ = 0;
  std::map<Rule, uint64_t> fired_;
};

TEST(promises, no_sequence_breaks_one) {
  const uint64_t steps = environment("TACT_STEPS", 100'000);
  const uint64_t first = environment("TACT_SEED", 20'261'128);
  constexpr uint64_t kEach = 2'000;  // about a year
  std::map<Rule, uint64_t> fired;
  uint64_t sent = 0;
  for (uint64_t done = 0, seed = first; done < steps && !testing::Test::HasFailure(); ++seed) {
    std::cout << "seed " << seed << '\n';
    Promises world(seed);
    for (uint64_t k = 0; k < kEach && !testing::Test::HasFailure(); ++k) world.step();
    done += kEach;
    sent += world.sent();
    for (const auto& [rule, n] : world.fired()) fired[rule] += n;
  }
  std::cout << sent << " sent\n";
  EXPECT_GT(sent, steps / 10);
  for (const Rule rule : {Rule::cap_day, Rule::cap_month, Rule::cap_short, Rule::freq_week,
                          Rule::window, Rule::holiday, Rule::opted_out, Rule::pause, Rule::cooldown,
                          Rule::retouch, Rule::escalate, Rule::expired, Rule::preferred_slot}) {
    EXPECT_GT(fired[rule], 0u) << name(rule);
  }
}

}  // namespace
}  // namespace tact::policy::test
