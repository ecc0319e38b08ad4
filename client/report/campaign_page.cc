// SPDX-License-Identifier: Apache-2.0
#include "client/report/campaign_page.h"

#include <algorithm>
#include <cstdio>

#include "client/report/campaign_columns.h"
#include "client/table.h"

namespace tact::client {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
:root {
  color-scheme: light dark;
  --ground: #fff; --text: #1c2128; --soft: #5b6470; --line: #d9dde3;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #14181d; --text: #e4e8ed; --soft: #9aa4b0; --line: #323942; }
}
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif;
}
main { max-width: 80rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; overflow-wrap: anywhere; }
p, small, figcaption { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td {
  padding: 0.2rem 0 0.2rem 1.25rem;
  border-bottom: 1px solid var(--line);
  text-align: right;
}
th:first-child, td:first-child { padding-left: 0; text-align: left; }
figure { margin: 1rem 0; }
svg { max-width: 100%; height: auto; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .soft { fill: var(--soft); }
svg .axis { stroke: var(--line); }
</style>
)";

constexpr int kWidth = 720;
constexpr int kLabel = 110, kFigure = 130;  // left and right of a bar
constexpr int kRow = 22;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%",
                100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string attribute(const char* name, double value) {
  return std::string(" ") + name + "=\"" + number(value) + '"';
}

std::string svg(int height, const std::string& content, const std::string& caption) {
  return "<figure><svg role=\"img\" width=\"" + std::to_string(kWidth) + "\" height=\"" +
         std::to_string(height) + "\" viewBox=\"0 0 " + std::to_string(kWidth) + ' ' +
         std::to_string(height) + "\">" + content + "</svg><figcaption>" + caption +
         "</figcaption></figure>\n";
}

std::string name_of(const CampaignRow& row) {
  std::string name = row.campaign;
  for (const std::string* part : {&row.brand, &row.cls, &row.text_template}) {
    if (!part->empty()) name += " · " + *part;
  }
  return escape_html(name);
}

std::string table(const std::vector<CampaignRow>& rows) {
  std::string out = "<div class=\"wide\"><table><thead><tr><th>campaign";
  for (const CampaignColumn& column : kCampaignColumns) {
    out.append("<th>").append(column.name);
  }
  out += "</thead><tbody>\n";
  for (const CampaignRow& row : rows) {
    out += "<tr><td>" + name_of(row);
    for (const CampaignColumn& column : kCampaignColumns) {
      const std::uint64_t count = row.counts.*column.count;
      out += "<td>" + grouped(count);
      if (column.whole != nullptr && count > 0) {
        out += " <small>" + percent(count, row.counts.*column.whole) + "</small>";
      }
    }
    out += '\n';
  }
  return out + "</tbody></table></div>\n";
}

struct Bar {
  std::string label, figure, colour;
  double share = 0;  // 0 to 1
};

std::string bars(const std::vector<Bar>& all, const std::string& caption) {
  std::string content;
  int y = 0;
  for (const Bar& bar : all) {
    const double width = bar.share * (kWidth - kLabel - kFigure);
    content += "<text" + attribute("x", kLabel - 8) + attribute("y", y + 15) +
               " text-anchor=\"end\">" + escape_html(bar.label) + "</text>";
    content += "<rect" + attribute("x", kLabel) + attribute("y", y + 3) +
               attribute("width", std::max(width, 1.0)) + attribute("height", kRow - 6) +
               " fill=\"" + bar.colour + "\"/>";
    content += "<text" + attribute("x", kLabel + width + 6) + attribute("y", y + 15) +
               " class=\"soft\">" + bar.figure + "</text>\n";
    y += kRow;
  }
  return svg(y, content, caption);
}

std::string fates(const CampaignRow& row) {
  std::vector<Bar> all;
  for (const CampaignColumn& column : kCampaignColumns) {
    const std::uint64_t count = row.counts.*column.count;
    if (column.colour.empty() || count == 0) continue;
    std::string figure = grouped(count) + " · " + percent(count, row.counts.*column.whole);
    if (column.whole == &CampaignCounts::sent) figure += " of sent";
    all.push_back({std::string(column.name), std::move(figure), std::string(column.colour),
                   static_cast<double>(count) / static_cast<double>(row.counts.messages)});
  }
  return bars(all, grouped(row.counts.messages) + " messages, and what became of them");
}

std::string rules(const CampaignRow& row) {
  if (row.rules.empty()) return "";
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [rule, count] : row.rules) sorted.emplace_back(count, rule);
  std::sort(sorted.rbegin(), sorted.rend());
  std::vector<Bar> all;
  for (const auto& [count, rule] : sorted) {
    all.push_back({rule, grouped(count), "#8a6d3b",
                   static_cast<double>(count) / static_cast<double>(sorted.front().first)});
  }
  return bars(all, "Rules that rejected; a message may break several");
}

// Each hour that has something, side by side, so that a report of a year stays readable.
std::string hours(const CampaignTally& tally) {
  constexpr int kHeight = 220, kFoot = 24, kTop = 20;
  struct Series {
    const char* name;
    const char* colour;
    std::uint64_t CampaignHour::*count;
  };
  constexpr Series kSeries[] = {{"sent", "#3b6fb5", &CampaignHour::sent},
                                {"delivered", "#2e8b57", &CampaignHour::delivered},
                                {"replied", "#2aa198", &CampaignHour::replied},
                                {"opted out", "#d35400", &CampaignHour::opted_out}};
  const auto& all = tally.hours();
  if (all.empty()) return "";
  std::uint64_t most = 1;
  for (const auto& [name, hour] : all) {
    for (const Series& series : kSeries) most = std::max(most, hour.*series.count);
  }
  std::string content = "<line class=\"axis\" x1=\"0\"" + attribute("x2", kWidth) +
                        attribute("y1", kHeight - kFoot) + attribute("y2", kHeight - kFoot) + "/>";
  const double slot = static_cast<double>(kWidth) / static_cast<double>(all.size());
  const double width = std::min(slot / 5, 24.0);
  double x = 0;
  for (const auto& [name, hour] : all) {
    content += "<g><title>" + escape_html(name) + ":00Z";
    for (const Series& series : kSeries) {
      content += std::string(", ") + series.name + ' ' + grouped(hour.*series.count);
    }
    content += "</title>";
    for (size_t i = 0; i < std::size(kSeries); ++i) {
      const double height = (kHeight - kFoot - kTop) * static_cast<double>(hour.*kSeries[i].count) /
                            static_cast<double>(most);
      content += "<rect" + attribute("x", x + static_cast<double>(i) * width) +
                 attribute("y", kHeight - kFoot - height) + attribute("width", width) +
                 attribute("height", height) + " fill=\"" + kSeries[i].colour + "\"/>";
    }
    content += "</g>\n";
    x += slot;
  }
  content += "<text x=\"0\"" + attribute("y", kHeight - 6) + " class=\"soft\">" +
             escape_html(all.begin()->first) + ":00Z</text>";
  content += "<text" + attribute("x", kWidth) + attribute("y", kHeight - 6) +
             " text-anchor=\"end\" class=\"soft\">" + escape_html(all.rbegin()->first) +
             ":00Z</text>";
  content += "<text x=\"0\" y=\"12\" class=\"soft\">" + grouped(most) + "</text>";
  double legend = 120;
  for (const Series& series : kSeries) {
    content += "<rect" + attribute("x", legend) + " y=\"3\" width=\"10\" height=\"10\" fill=\"" +
               std::string(series.colour) + "\"/><text" + attribute("x", legend + 14) +
               " y=\"12\">" + series.name + "</text>";
    legend += 100;
  }
  return "<h2>By the hour</h2>\n" +
         svg(kHeight, content, "Hours in which nothing happened are left out; times are UTC");
}

}  // namespace

std::string campaign_page(const CampaignTally& tally, const std::string& title) {
  const std::vector<CampaignRow> rows = tally.rows();
  std::string page = kHead + ("<title>" + escape_html(title) + "</title>\n<main><h1>" +
                              escape_html(title) + "</h1>\n");
  page +=
      "<p>Counted from the audit. A reply counts for the brand's last message to that number, "
      "within 72 hours.</p>\n";
  page += table(rows) + hours(tally);
  for (const CampaignRow& row : rows) {
    page += "<h2>" + name_of(row) + "</h2>\n" + fates(row) + rules(row);
  }
  return page + "</main></html>\n";
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace tact::client
