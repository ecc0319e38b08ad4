// SPDX-License-Identifier: Apache-2.0
// The report as one page that needs nothing beside it: no script, no other file, no network.
#pragma once

#include <string>

#include "client/report/campaign_tally.h"

namespace tact::client {

std::string campaign_page(const CampaignTally& tally, const std::string& title);

// For text and attributes.
std::string escape_html(std::string_view text);

}  // namespace tact::client
