// The pieces of a link's page. Pure.
#pragma once

#include <string>
#include <string_view>

#include "storage/file_tree.h"
#include "web/link_visit.h"

namespace cairn::web {

// Who shares, until when, and what he says about it. `verb`: "shares this", "asks you for files".
std::string AboutLink(const storage::Share& share, std::string_view sharer, std::string_view verb);
// What became of an upload, as the query of the page says it: fixed texts.
std::string UploadNotice(const http::Form& query);

// The folders above and this one.
std::string Crumbs(const Visit& visit, const storage::Share& share, const LinkPlace& place);
// The members of the place's folder on `page`, and the way to the next ones.
std::string Members(const Visit& visit, const storage::Share& share, const LinkPlace& place,
                    const storage::Page& page, bool download);
// A file that is shared by itself.
std::string SingleFile(const Visit& visit, const storage::Share& share, const storage::Entry& file,
                       bool download);
// A form that works without scripts; link_script.h makes more of it. `segments`: the folder that
// the files go to. `nickname`: who uploads must say who he is, may, or is not asked.
enum class Nickname { kNo, kMay, kMust };
std::string UploadForm(const Visit& visit, const storage::Share& share,
                       const std::vector<std::string>& segments, Nickname nickname);

}  // namespace cairn::web
