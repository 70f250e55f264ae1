// share:list: all shares there are. What opens a link, token and password, is never printed.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "auth/groups.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"
#include "shares/share_rows.h"
#include "storage/records.h"

namespace cairn::server {

namespace json = boost::json;
using shares::ShareType;
using storage::Share;

namespace {

const std::map<std::string, ShareType> kShareTypes = {
    {"user", ShareType::kUser}, {"group", ShareType::kGroup}, {"link", ShareType::kLink}};

std::string TypeName(ShareType type) {
  for (const auto& [name, known] : kShareTypes)
    if (known == type) return name;
  return "other";
}

struct ShareFilter {
  std::string owner, by, recipient, user, type, path;
  std::uint64_t file = 0;
  std::uint64_t parent = 0;
  bool recursive = false;
};

// What the names of a filter stand for; 0 and empty: anybody.
struct ShareParties {
  std::uint64_t owner = 0, by = 0, recipient = 0, user = 0;
  std::string group;
};

// nullopt: the message is in run.err.
std::optional<ShareParties> PartiesOf(const CommandRun& run, const ShareFilter& filter) {
  ShareParties parties;
  for (const auto& [name, id] : {std::pair{&filter.owner, &parties.owner},
                                 {&filter.by, &parties.by},
                                 {&filter.user, &parties.user}}) {
    if (name->empty()) continue;
    const auto user = NamedUser(run, *name);
    if (!user) return std::nullopt;
    *id = user->id();
  }
  if (filter.recipient.empty()) return parties;
  const auto view = run.context.engine.kv().Published();
  const auto group = auth::Groups(run.context.engine.kv()).Find(*view, filter.recipient);
  if (group.has_value() && *group) {
    parties.group = filter.recipient;
    return parties;
  }
  const auto user = NamedUser(run, filter.recipient);
  if (!user) return std::nullopt;
  parties.recipient = user->id();
  return parties;
}

// One listing.
class ShareListing {
 public:
  ShareListing(const CommandRun& run, const ShareFilter& filter, ShareParties parties)
      : run_(run),
        filter_(filter),
        parties_(std::move(parties)),
        view_(run.context.engine.kv().Published()) {}

  Result<json::array> Run() {
    std::vector<Share> all;
    auto collect = [&](std::string_view, std::string_view value) {
      Share share;
      if (storage::ParseInto(value, share) && MayMatch(share)) all.push_back(std::move(share));
      return true;
    };
    RETURN_IF_ERROR(view_->Scan(storage::Table::kShares, {}, {}, collect));
    json::array rows;
    for (const Share& share : all) {
      ASSIGN_OR_RETURN(auto row, RowOf(share));
      if (row) rows.push_back(std::move(*row));
    }
    return rows;
  }

 private:
  // By what the record alone says.
  bool MayMatch(const Share& share) const {
    if (!filter_.type.empty() && TypeName(shares::TypeOf(share)) != filter_.type) return false;
    if (filter_.file != 0 && share.node() != filter_.file) return false;
    if (parties_.by != 0 && share.sharer() != parties_.by) return false;
    if (parties_.recipient != 0 && share.recipient() != parties_.recipient) return false;
    return parties_.group.empty() || share.group() == parties_.group;
  }

  struct Place {
    std::uint64_t owner = 0;
    std::string path;  // in the owner's tree; empty: it is in his trash, or gone
    std::vector<std::uint64_t> above;
  };
  Result<Place> PlaceOf(FileId node) const {
    Place place;
    const auto chain = run_.context.engine.tree().ChainOf(*view_, node);
    if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return place;
    RETURN_IF_ERROR(chain);
    ASSIGN_OR_RETURN(const auto space,
                     run_.context.engine.tree().FindSpace(*view_, chain->space()));
    if (space) place.owner = space->owner();
    if (chain->root().node.root() != storage::ROOT_FILES) return place;
    for (std::size_t i = 0; i < chain->entries.size(); ++i) {
      if (i > 0) place.path += "/" + chain->entries[i].name();
      if (i + 1 < chain->entries.size()) place.above.push_back(Raw(chain->entries[i].id()));
    }
    return place;
  }

  bool Matches(const Share& share, const Place& place) const {
    if (parties_.owner != 0 && place.owner != parties_.owner) return false;
    const bool his = place.owner == parties_.user || share.sharer() == parties_.user ||
                     share.recipient() == parties_.user;
    if (parties_.user != 0 && !his) return false;
    if (!filter_.path.empty() && place.path != filter_.path) return false;
    if (filter_.parent == 0) return true;
    const auto& above = place.above;
    const bool inside = std::find(above.begin(), above.end(), filter_.parent) != above.end();
    return filter_.recursive ? inside : !above.empty() && above.back() == filter_.parent;
  }

  Result<std::string> NameOf(std::uint64_t user) const {
    if (user == 0) return std::string();
    ASSIGN_OR_RETURN(const auto record, run_.context.users.Find(*view_, UserId{user}));
    return record ? record->name() : "(deleted)";
  }

  // nullopt: it is not asked for.
  Result<std::optional<json::object>> RowOf(const Share& share) const {
    ASSIGN_OR_RETURN(const Place place, PlaceOf(FileId{share.node()}));
    if (!Matches(share, place)) return std::optional<json::object>();
    ASSIGN_OR_RETURN(const std::string owner, NameOf(place.owner));
    ASSIGN_OR_RETURN(const std::string by, NameOf(share.sharer()));
    ASSIGN_OR_RETURN(const std::string recipient, NameOf(share.recipient()));
    json::object row;
    row["id"] = share.id();
    row["type"] = TypeName(shares::TypeOf(share));
    row["owner"] = owner;
    row["by"] = by;
    row["recipient"] = share.group().empty() ? recipient : share.group();
    row["file"] = share.node();
    row["path"] = Printable(place.path);
    row["permissions"] = share.permissions();
    row["expires"] = share.expires() == 0 ? json::value() : json::value(IsoTime(share.expires()));
    return std::optional(std::move(row));
  }

  const CommandRun& run_;
  const ShareFilter& filter_;
  const ShareParties parties_;
  const std::shared_ptr<const storage::KvView> view_;
};

int ListShares(const CommandRun& run, ShareFilter filter, OutputFormat format) {
  if (!filter.type.empty() && !kShareTypes.contains(filter.type))
    return run.Fail("Unknown share type " + Printable(filter.type) + ": one of user, group, link");
  if (filter.recursive && filter.parent == 0) return run.Fail("--recursive goes with --parent");
  if (!filter.path.empty() && !filter.path.starts_with('/')) filter.path.insert(0, "/");
  const auto parties = PartiesOf(run, filter);
  if (!parties) return kExitFailed;
  const auto rows = ShareListing(run, filter, *parties).Run();
  if (rows.has_error()) return run.Fail(rows.error());
  PrintTable(format, *rows, run.out);
  return kExitOk;
}

}  // namespace

CommandBody DeclareShareList(CLI::App& app) {
  auto filter = std::make_shared<ShareFilter>();
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  app.add_option("--owner", filter->owner, "Only shares of this user's files");
  app.add_option("--by", filter->by, "Only shares made by this user");
  app.add_option("--recipient", filter->recipient, "Only shares with this user or group");
  app.add_option("--user", filter->user, "Only shares that this user owns, made or received");
  app.add_option("--type", filter->type, "Only shares of this type: user, group or link");
  app.add_option("--path", filter->path, "Only shares of what stands at this path of its owner");
  app.add_option("--file", filter->file, "Only shares of the file or folder with this id")
      ->check(CLI::PositiveNumber);
  app.add_option("--parent", filter->parent, "Only shares of what is in the folder with this id")
      ->check(CLI::PositiveNumber);
  app.add_flag("--recursive", filter->recursive, "With --parent: also of what is further below");
  AddOutputOption(app, *format);
  return [filter, format](const CommandRun& run) { return ListShares(run, *filter, *format); };
}

}  // namespace cairn::server
