// SPDX-License-Identifier: Apache-2.0
// The figures of a campaign: what a table, a CSV file and a page all show.
#pragma once

#include <array>
#include <string_view>

#include "client/report/campaign_tally.h"

namespace tact::client {

struct CampaignColumn {
  std::string_view name;    // in CSV and as a table's head
  std::string_view colour;  // of its bar; empty: none
  std::uint64_t CampaignCounts::*count;
  // What it is a part of, for its percentage; null: of nothing.
  std::uint64_t CampaignCounts::*whole;
};

inline constexpr auto kCampaignColumns = std::to_array<CampaignColumn>({
    {"messages", "", &CampaignCounts::messages, nullptr},
    {"sent", "#3b6fb5", &CampaignCounts::sent, &CampaignCounts::messages},
    {"segments", "", &CampaignCounts::segments, nullptr},
    {"delivered", "#2e8b57", &CampaignCounts::delivered, &CampaignCounts::messages},
    {"failed", "#b3261e", &CampaignCounts::failed, &CampaignCounts::messages},
    {"rejected", "#8a6d3b", &CampaignCounts::rejected, &CampaignCounts::messages},
    {"cancelled", "#777777", &CampaignCounts::cancelled, &CampaignCounts::messages},
    {"expired", "#999999", &CampaignCounts::expired, &CampaignCounts::messages},
    {"unknown", "#7b5ea7", &CampaignCounts::unknown, &CampaignCounts::messages},
    {"pending", "#bbbbbb", &CampaignCounts::pending, &CampaignCounts::messages},
    {"replied", "#2aa198", &CampaignCounts::replied, &CampaignCounts::sent},
    {"opted_out", "#d35400", &CampaignCounts::opted_out, &CampaignCounts::sent},
    {"suspect", "", &CampaignCounts::suspect, &CampaignCounts::sent},
    {"disputed", "", &CampaignCounts::disputed, &CampaignCounts::sent},
    {"wrong_party", "", &CampaignCounts::wrong_party, &CampaignCounts::sent},
});

}  // namespace tact::client
