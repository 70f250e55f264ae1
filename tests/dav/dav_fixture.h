// The DAV dispatcher over a whole engine in memory, with the users alice and bob: verbs for tests
// that tell a story and compare whole answers.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/authenticator.h"
#include "dav/dispatcher.h"
#include "quota/space_quota.h"
#include "shares/access.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "storage/memory_blob_store.h"
#include "tests/dav/fake_exchange.h"
#include "tests/support/roomy_keeping.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"

namespace cairn::dav {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

class DavCase : public testing::Test {
 protected:
  static constexpr std::string_view kHome = "/remote.php/dav/files/alice";
  static constexpr std::string_view kXmlHead = "<?xml version=\"1.0\"?>\n";

  DavCase();
  ~DavCase() override;

  // ---- the wire. `path` is absolute and encoded; alice asks unless `user` says otherwise ("" =
  // nobody).
  Answer Do(std::string_view method, std::string_view path, const HeaderList& headers = {},
            std::string body = {}, std::string_view user = "alice");
  // The same below alice's home: "/a.txt".
  Answer Ask(std::string_view method, std::string_view path, const HeaderList& headers = {},
             std::string body = {}) {
    return Do(method, std::string(kHome) + std::string(path), headers, std::move(body));
  }
  // `props`: "<d:getetag/><oc:id/>"; empty: no body.
  Answer Propfind(std::string_view path, std::string_view depth, std::string_view props,
                  HeaderList headers = {});
  // `instructions`: "<d:set><d:prop>...</d:prop></d:set>".
  Answer Proppatch(std::string_view path, std::string_view instructions,
                   const HeaderList& headers = {});
  // An exclusive write lock; `depth` "0" or "infinity".
  Answer Lock(std::string_view path, std::string_view depth = "0", std::string_view user = "alice");
  // The token in a LOCK's answer, without brackets.
  static std::string TokenOf(const Answer& answer);

  // The multistatus of anything: Propfind, without a home in front.
  Answer PropfindAt(std::string_view path, std::string_view depth, std::string_view props,
                    HeaderList headers = {}, std::string_view user = "alice");
  Answer ProppatchAt(std::string_view path, std::string_view instructions,
                     const HeaderList& headers = {});
  // What alice shares; of the request everything but the node.
  storage::Share MakeShare(std::string_view path, shares::NewShare request);
  // Somebody whose password is "NAME-password".
  auth::Principal PrincipalOf(std::string_view user);
  // The first value of a property in a multistatus; "(none)".
  static std::string ValueIn(const Answer& answer, std::string_view property);
  // The hrefs of a multistatus, in their order.
  static std::vector<std::string> Hrefs(const Answer& answer);

  // ---- the tree, without HTTP
  void SetQuota(std::string_view text);  // of alice
  void Mkcol(std::string_view path);
  void Put(std::string_view path, std::string_view text, std::int64_t mtime = 1'700'000'000,
           std::string_view checksums = {});
  // An entry whose record cannot be read.
  void PlantBrokenEntry(std::string_view folder, std::string_view name);
  // A byte of the file's blob goes bad; the file must be larger than the inline limit.
  void DamageContent(std::string_view path, std::uint64_t offset);
  storage::Entry Stat(std::string_view path);
  std::string Etag(std::string_view path) { return Stat(path).etag().Text(); }
  std::string Id(std::string_view path) { return std::to_string(Raw(Stat(path).id())); }

  // What a multistatus with these responses looks like, and one response of it.
  static std::string Multistatus(std::string_view responses);
  static std::string Response(std::string_view path, std::string_view found,
                              std::string_view missing = {});
  static std::string ResponseAt(std::string_view href, std::string_view found,
                                std::string_view missing = {});

  storage::KvStore& kv() { return engine_->kv(); }
  const auth::Principal& alice() const { return alice_; }
  static storage::TreePath PathOf(SpaceId home, std::string_view path);

  FakeClock clock_;
  SeededRandom random_{1};
  shares::Access access_{clock_};
  quota::SpaceQuota quota_;
  versions::Keeper versions_{clock_, support::RoomyKeeping(quota_)};
  trash::Can trash_{clock_, support::RoomyKeeping(quota_)};
  storage::MemoryBlobStore* blobs_ = nullptr;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<auth::Users> users_;
  std::unique_ptr<auth::AppPasswords> app_passwords_;
  std::unique_ptr<auth::Throttle> throttle_;
  std::unique_ptr<auth::SecondFactors> second_factors_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  shares::MountTable mounts_{clock_};
  std::unique_ptr<shares::Shares> shares_;
  std::unique_ptr<shares::LinkDoor> links_;
  // One per request. A pool's thread may still be in it when the request is over: they end after
  // the pools.
  std::deque<net::io_context> contexts_;
  Pools pools_{2, 2, 2, 1};
  std::unique_ptr<Services> services_;
  std::unique_ptr<Dispatcher> dispatcher_;
  auth::Principal alice_;

  bool body_is_here_ = true;  // a request's body came with its head
  // Called between two writes of a streamed answer.
  std::function<void()> on_write_;
  std::optional<std::size_t> client_leaves_after_;
};

}  // namespace cairn::dav
