// GET /s/TOKEN: what a link leads to, a folder, a file, or a place to drop files at.
#include "auth/records.h"
#include "shares/terms.h"
#include "web/html.h"
#include "web/link_html.h"
#include "web/page.h"
#include "web/routes.h"

namespace cairn::web {
namespace {

constexpr std::size_t kMembersPerPage = 300;

struct Shown {
  std::string sharer;
  std::optional<LinkPlace> place = {};  // nullopt: nobody sees what is there
  storage::Page page = {};
};

Result<Shown> Look(const Visit& visit, const shares::LinkVisit& link,
                   const std::vector<std::string>& segments) {
  const auto view = visit.services.engine.kv().Published();
  Shown shown;
  ASSIGN_OR_RETURN(const auto user, auth::LoadUser(*view, UserId{link.share.sharer()}));
  if (user) shown.sharer = auth::ShownName(*user);
  if (shares::IsDrop(link.rights)) return shown;
  ASSIGN_OR_RETURN(shown.place, FindPlace(visit, *view, link, segments));
  const storage::Entry& entry = shown.place->entry();
  if (!entry.is_collection()) return shown;
  const std::string_view after = visit.query.Last("after").value_or("");
  ASSIGN_OR_RETURN(shown.page,
                   visit.services.engine.tree().List(*view, entry.id(), after, kMembersPerPage));
  return shown;
}

std::string Section(std::string html) { return "<section>\n" + std::move(html) + "</section>\n"; }

http::Response DropPage(const Visit& visit, const shares::LinkVisit& link, const Shown& shown) {
  // The folder's name is its owner's affair.
  const std::string& label = link.share.label();
  Page page{.title = label.empty() ? std::string_view("Upload files") : std::string_view(label),
            .body = UploadNotice(visit.query)};
  page.scripts = true;
  const Nickname nickname = link.share.asks_name() ? Nickname::kMust : Nickname::kMay;
  page.body += Section(AboutLink(link.share, shown.sharer, "asks you for files") +
                       UploadForm(visit, link.share, {}, nickname) +
                       "<p class=\"hint\">Whoever has this link can add files. Nobody can see by "
                       "it what was added.</p>\n");
  return Render(visit, page);
}

http::Response FolderPage(const Visit& visit, const shares::LinkVisit& link, const Shown& shown) {
  const LinkPlace& place = *shown.place;
  const storage::Share& share = link.share;
  const bool labelled = place.segments.empty() && !share.label().empty();
  const bool download = OffersDownload(share, place.rights);
  Page page{.title = labelled ? share.label() : place.entry().name(),
            .body = UploadNotice(visit.query),
            .narrow = false};
  page.body += Crumbs(visit, share, place) +
               Section(AboutLink(share, shown.sharer, "shares this folder")) +
               Section(Members(visit, share, place, shown.page, download));
  if (storage::Allows(place.rights, storage::Permission::kCreate)) {
    page.scripts = true;
    page.body +=
        Section("<h2>Add files</h2>\n" + UploadForm(visit, share, place.segments, Nickname::kNo));
  }
  return Render(visit, page);
}

http::Response FilePage(const Visit& visit, const shares::LinkVisit& link, const Shown& shown) {
  const LinkPlace& place = *shown.place;
  const storage::Share& share = link.share;
  Page page{.title = share.label().empty() ? place.entry().name() : share.label(), .body = {}};
  page.body = Section(AboutLink(share, shown.sharer, "shares this file") +
                      SingleFile(visit, share, place.entry(), OffersDownload(share, place.rights)));
  return Render(visit, page);
}

}  // namespace

Outcome ShowLink(Visit& visit) {
  auto entered = co_await EnterLink(visit);
  if (entered.has_error()) co_return RefuseLink(visit, kToShow, std::move(entered).error());
  auto segments = SegmentsOf(visit.query.Last("path").value_or("/"));
  if (segments.has_error()) co_return NoLink(visit);
  auto look = [&] { return Look(visit, *entered, *segments); };
  auto shown = co_await visit.services.pools.read.Run(look);
  if (shown.has_error() && Is(shown.error(), ErrorCode::kNotFound)) co_return NoLink(visit);
  if (shown.has_error()) co_return std::move(shown).error();
  if (!shown->place) co_return DropPage(visit, *entered, *shown);
  if (shown->place->entry().is_collection()) co_return FolderPage(visit, *entered, *shown);
  // Inside a folder a file has no page of its own.
  if (!segments->empty()) co_return NoLink(visit);
  co_return FilePage(visit, *entered, *shown);
}

}  // namespace cairn::web
