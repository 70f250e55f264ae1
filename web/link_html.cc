#include "web/link_html.h"

#include <array>
#include <utility>

#include "base/bytes.h"
#include "http/date.h"
#include "web/html.h"
#include "web/link_script.h"

namespace cairn::web {
namespace {

using storage::Share;

// What dav/form_upload.cc calls what went wrong; the script has "connection" for itself.
struct Problem {
  std::string_view code;
  std::string_view text;
};
constexpr std::array kProblems{
    Problem{"name", "A file was not taken: it cannot have this name here."},
    Problem{"nickname", "The files were not taken: your name must be one that a folder can have."},
    Problem{"space", "A file was not taken: there is not enough space for it."},
    Problem{"forbidden", "Nothing can be added here."},
    Problem{"folder", "The folder is not there any more."},
    Problem{"locked", "A file was not taken: the folder is locked."},
    Problem{"none", "No file was chosen."},
    Problem{"form", "The upload could not be understood. What is listed as uploaded is stored."},
    Problem{"busy", "The server is busy at the moment. Try again later."},
    Problem{"connection", "The connection broke off before everything was uploaded. Try again."},
};
constexpr std::string_view kOtherProblem = "A file could not be stored. Try again later.";

std::string Anchor(std::string_view target, std::string_view text) {
  return "<a href=\"" + Escape(target) + "\"><bdi>" + Escape(text) + "</bdi></a>";
}

std::string ButtonTo(std::string_view target, std::string_view text) {
  return "<p><a class=\"button\" href=\"" + Escape(target) + "\">" + Escape(text) + "</a></p>\n";
}

std::string FolderLink(const Visit& visit, const Share& share,
                       const std::vector<std::string>& segments) {
  const std::string path = LinkPath(share);
  if (segments.empty()) return visit.Local(path);
  return visit.Local(path + "?path=" + http::EncodeUriComponent(PathOfSegments(segments)));
}

std::string DownloadAddress(const Visit& visit, const Share& share,
                            const std::vector<std::string>& segments) {
  const std::string path = LinkPath(share, "/download");
  if (segments.empty()) return visit.Local(path);
  return visit.Local(path + "?path=" + http::EncodeUriComponent(PathOfSegments(segments)));
}

std::string TimeOf(std::int64_t seconds) {
  const std::string iso = http::IsoDateZulu(seconds);
  const std::string_view text = iso;
  return "<time datetime=\"" + iso + "\">" + std::string(text.substr(0, 10)) + " " +
         std::string(text.substr(11, 5)) + "</time>";
}

std::string NicknameField(Nickname nickname) {
  if (nickname == Nickname::kNo) return {};
  const bool must = nickname == Nickname::kMust;
  std::string html = "<label for=\"nickname\">Your name";
  html += must ? "</label>\n" : " (optional)</label>\n";
  html +=
      "<input id=\"nickname\" name=\"nickname\" type=\"text\" autocomplete=\"name\" "
      "maxlength=\"200\" aria-describedby=\"nickname-hint\"";
  html += must ? " required>\n" : ">\n";
  return html +
         "<p class=\"hint\" id=\"nickname-hint\">Your files go into a folder of this name.</p>\n";
}

}  // namespace

std::string AboutLink(const Share& share, std::string_view sharer, std::string_view verb) {
  std::string html = "<p><strong><bdi>" + Escape(sharer) + "</bdi></strong> " + Escape(verb);
  if (share.expires() != 0) {
    const std::string day = http::IsoDateZulu(share.expires() - 1).substr(0, 10);
    html += ", until <time datetime=\"" + day + "\">" + day + "</time>";
  }
  html += ".</p>\n";
  if (!share.note().empty()) html += "<p class=\"note\">" + Escape(share.note()) + "</p>\n";
  return html;
}

std::string UploadNotice(const http::Form& query) {
  std::string html;
  const auto done = ParseUint(query.Last("done").value_or(""));
  if (done && *done == 1) html += Notice("One file was uploaded.", false);
  if (done && *done > 1) html += Notice(std::to_string(*done) + " files were uploaded.", false);
  const auto problem = query.Last("problem");
  if (!problem || problem->empty()) return html;
  std::string_view text = kOtherProblem;
  for (const Problem& row : kProblems) {
    if (row.code == *problem) text = row.text;
  }
  return html + Notice(text, true);
}

std::string Crumbs(const Visit& visit, const Share& share, const LinkPlace& place) {
  if (place.segments.empty()) return {};
  std::string html = "<nav aria-label=\"Folders above\"><ol class=\"crumbs\">\n";
  const auto& entries = place.chain.entries;
  std::vector<std::string> segments;
  for (std::size_t i = place.chain.start; i + 1 < entries.size(); ++i) {
    if (i > place.chain.start) segments.push_back(place.segments[i - place.chain.start - 1]);
    const bool labelled = i == place.chain.start && !share.label().empty();
    const std::string& name = labelled ? share.label() : entries[i].name();
    html += "<li>" + Anchor(FolderLink(visit, share, segments), name) + "</li>\n";
  }
  return html + "</ol></nav>\n";
}

std::string Members(const Visit& visit, const Share& share, const LinkPlace& place,
                    const storage::Page& page, bool download) {
  if (page.entries.empty()) return "<p>There is nothing in this folder.</p>\n";
  std::string html;
  if (download)
    html += ButtonTo(DownloadAddress(visit, share, place.segments), "Download all as a zip file");
  std::vector<std::vector<std::string>> rows;
  rows.reserve(page.entries.size());
  std::vector<std::string> segments = place.segments;
  segments.emplace_back();
  for (const storage::Entry& entry : page.entries) {
    segments.back() = entry.name();
    std::string name = "<bdi>" + Escape(entry.name()) + "</bdi>";
    if (entry.is_collection()) {
      name = Anchor(FolderLink(visit, share, segments), entry.name() + "/");
    } else if (download) {
      name = Anchor(DownloadAddress(visit, share, segments), entry.name());
    }
    rows.push_back({std::move(name), SizeText(entry.recursive_size()), TimeOf(entry.node.mtime())});
  }
  html += Table("Files and folders", {"Name", "Size", "Changed (UTC)"}, rows);
  if (!page.more) return html;
  const std::string here = LinkPath(share) +
                           "?path=" + http::EncodeUriComponent(PathOfSegments(place.segments)) +
                           "&after=" + http::EncodeUriComponent(page.entries.back().key);
  return html + "<p><a rel=\"next\" href=\"" + Escape(visit.Local(here)) +
         "\">Show what follows</a></p>\n";
}

std::string SingleFile(const Visit& visit, const Share& share, const storage::Entry& file,
                       bool download) {
  std::string html = "<dl>\n<dt>Name</dt><dd><bdi>" + Escape(file.name()) +
                     "</bdi></dd>\n<dt>Size</dt><dd>" + SizeText(file.node.size()) +
                     "</dd>\n<dt>Changed (UTC)</dt><dd>" + TimeOf(file.node.mtime()) +
                     "</dd>\n</dl>\n";
  if (download) html += ButtonTo(DownloadAddress(visit, share, {}), "Download");
  return html;
}

std::string UploadForm(const Visit& visit, const Share& share,
                       const std::vector<std::string>& segments, Nickname nickname) {
  std::string action = "/public.php/dav/files/" + share.token();
  for (const std::string& segment : segments) action += "/" + http::EncodeSegment(segment);
  std::string html =
      "<form class=\"upload\" method=\"post\" enctype=\"multipart/form-data\" "
      "action=\"" +
      Escape(visit.Local(action)) + "\" data-page=\"" + Escape(FolderLink(visit, share, segments)) +
      "\">\n";
  // In front of the files: it says where they go.
  html += NicknameField(nickname);
  html +=
      "<label for=\"files\">Files</label>\n<input id=\"files\" name=\"file\" type=\"file\" "
      "multiple required>\n<button type=\"submit\">Upload</button>\n</form>\n";
  return html + "<script src=\"" + Escape(visit.Local(kLinkScriptPath)) + "\" defer></script>\n";
}

}  // namespace cairn::web
