// SPDX-License-Identifier: Apache-2.0
// tact report: what became of campaigns.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>

#include "client/audit_csv.h"
#include "client/audit_feed.h"
#include "client/commands.h"
#include "client/report/campaign_columns.h"
#include "client/report/campaign_page.h"
#include "client/report/campaign_tally.h"
#include "client/table.h"

namespace tact::client {
namespace {

struct ReportOptions {
  OpsOptions ops;
  AuditRange range;
  std::string audit, html;
  std::vector<std::string> campaigns;
  bool csv = false;
};

std::string rules_of(const CampaignRow& row) {
  std::string text;
  for (const auto& [rule, count] : row.rules) {
    text += (text.empty() ? "" : " ") + rule + '=' + std::to_string(count);
  }
  return text;
}

void write_csv(const std::vector<CampaignRow>& rows) {
  std::cout << "campaign,brand,class,template";
  for (const CampaignColumn& column : kCampaignColumns) std::cout << ',' << column.name;
  std::cout << ",rules\n";
  for (const CampaignRow& row : rows) {
    std::cout << csv_cell(row.campaign) << ',' << csv_cell(row.brand) << ',' << row.cls << ','
              << csv_cell(row.text_template);
    for (const CampaignColumn& column : kCampaignColumns) {
      std::cout << ',' << row.counts.*column.count;
    }
    std::cout << ',' << csv_cell(rules_of(row)) << '\n';
  }
}

void write_table(const std::vector<CampaignRow>& rows) {
  std::vector<std::string> head{"CAMPAIGN", "BRAND", "CLASS", "TEMPLATE"};
  std::vector<const CampaignColumn*> shown;
  for (const CampaignColumn& column : kCampaignColumns) {
    const bool any = std::any_of(rows.begin(), rows.end(),
                                 [&](const auto& row) { return row.counts.*column.count > 0; });
    if (!any) continue;
    shown.push_back(&column);
    std::string name(column.name);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return c == '_' ? ' ' : static_cast<char>(std::toupper(c));
    });
    head.push_back(std::move(name));
  }
  head.emplace_back("REJECTED BY");
  Table table(head);
  for (const CampaignRow& row : rows) {
    std::vector<std::string> cells{row.campaign, row.brand, row.cls, row.text_template};
    for (const CampaignColumn* column : shown) {
      cells.push_back(grouped(row.counts.*column->count));
    }
    cells.push_back(rules_of(row));
    table.add(std::move(cells));
  }
  std::cout << table.render();
}

std::string title_of(const ReportOptions& options) {
  std::string title = options.campaigns.size() == 1 ? "Campaign" : "Campaigns";
  for (const std::string& name : options.campaigns) title += ' ' + name;
  if (!options.range.day.empty()) title += ", " + options.range.day;
  if (!options.range.since.empty()) title += ", since " + options.range.since;
  if (!options.range.until.empty()) title += ", until " + options.range.until;
  return title;
}

int report(const ReportOptions& options) {
  if (options.audit.empty() && options.ops.endpoint.empty()) {
    throw CLI::ValidationError("--ops", "the ops endpoint, or --audit FILE");
  }
  CampaignTally tally(options.campaigns);
  const auto visit = [&](const std::string& line) { tally.add(parse_object(line)); };
  const AuditEnd end = options.audit.empty() ? read_audit(options.ops, options.range, false, visit)
                                             : read_audit_file(options.audit, visit);
  const std::vector<CampaignRow> rows = tally.rows();
  if (!options.html.empty()) {
    std::ofstream file(options.html, std::ios::binary);
    file << campaign_page(tally, title_of(options));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + options.html);
  }
  if (options.csv) {
    write_csv(rows);
  } else if (!rows.empty()) {
    write_table(rows);
  }
  if (rows.empty()) {
    std::cerr << "tact: no message of "
              << (options.campaigns.empty() ? "any campaign" : "such a campaign") << " among "
              << counted(end.records, "record", "records") << '\n';
  }
  if (end.unreadable > 0) {
    std::cerr << "tact: " << counted(end.unreadable, "damaged batch was", "damaged batches were")
              << " left out\n";
  }
  return rows.empty() || end.unreadable > 0 ? kIncomplete : kDone;
}

}  // namespace

void add_report(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("report", "Figures from the audit");
  command->require_subcommand(1);
  CLI::App* campaign = command->add_subcommand("campaign", "What became of campaigns");
  auto options = std::make_shared<ReportOptions>();
  options->ops.add_to(*campaign);
  campaign->get_option("--ops")->required(false);
  options->range.add_to(*campaign);
  campaign->add_option("CAMPAIGN", options->campaigns, "their names; none: all");
  campaign->add_option("--audit", options->audit,
                       "an export of the audit in place of a gateway; - for standard input");
  campaign->add_flag("--csv", options->csv, "CSV in place of a table");
  campaign->add_option("--html", options->html, "also write a page with charts to this file");
  campaign->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace tact::client
