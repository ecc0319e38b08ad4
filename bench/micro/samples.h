// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// Texts of 60 characters, of the brand that rules.h sets up.
namespace tact::bench {

inline constexpr std::string_view kMarketingText =
    "【XX银行】尊敬的客户，周末到店刷卡消费满百元立减二十元，活动名额很有限先到先得，"
    "详情请咨询客服955XX，拒收请回复R";
inline constexpr std::string_view kNoticeText =
    "【XX银行】您尾号的账户有一笔入账，编号482913，请在五分钟内完成操作，如非本人办理请忽略"
    "本条信息，感谢您一直的理解";

}  // namespace tact::bench
