#include "tests/dav/dav_fixture.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "storage/records.h"

namespace cairn::dav {
namespace {

std::string BasicAuth(std::string_view user) {
  return "Basic " + ToBase64(std::string(user) + ":" + std::string(user) + "-password");
}

constexpr std::string_view kNamespaces =
    " xmlns:d=\"DAV:\" xmlns:s=\"http://sabredav.org/ns\" xmlns:oc=\"http://owncloud.org/ns\" "
    "xmlns:nc=\"http://nextcloud.org/ns\"";
constexpr std::string_view kShareNamespaces =
    " xmlns:ocs=\"http://open-collaboration-services.org/ns\" "
    "xmlns:ocm=\"http://open-cloud-mesh.org/ns\" "
    "xmlns:x=\"http://example.org/ns\"";

}  // namespace

DavCase::DavCase() {
  storage::Backend backend = storage::OpenMemory(clock_, random_);
  blobs_ = dynamic_cast<storage::MemoryBlobStore*>(backend.blobs.get());
  CAIRN_CHECK(blobs_ != nullptr);
  engine_ = std::make_unique<storage::Engine>(
      std::move(backend), storage::TreePolicies{access_, quota_, versions_, trash_}, clock_,
      random_);
  CAIRN_CHECK(engine_->file_ids().Reserve(2000).has_value());
  users_ =
      std::make_unique<auth::Users>(kv(), engine_->tree(), clock_, auth::PasswordCost::Minimum());
  app_passwords_ = std::make_unique<auth::AppPasswords>(kv(), clock_, random_);
  for (const std::string name : {"alice", "bob"}) {
    auth::NewUser user;
    user.name = name;
    user.password = name + "-password";
    user.display_name = name == "alice" ? "Alice A." : "";
    const auto made = users_->Create(user);
    CAIRN_CHECK(made.has_value());
  }
  throttle_ = std::make_unique<auth::Throttle>(kv(), clock_);
  second_factors_ = std::make_unique<auth::SecondFactors>(kv(), *throttle_, clock_, random_);
  authenticator_ = std::make_unique<auth::Authenticator>(kv(), *users_, *app_passwords_, *throttle_,
                                                         *second_factors_, clock_, random_);
  alice_ = PrincipalOf("alice");
  shares_ = std::make_unique<shares::Shares>(kv(), engine_->tree(), mounts_, clock_, random_);
  links_ = std::make_unique<shares::LinkDoor>(kv(), *throttle_, clock_, random_);
  services_.reset(new Services{*engine_, pools_, *users_, *authenticator_, quota_, *shares_,
                               *links_, "https://cloud.example"});
  dispatcher_ = std::make_unique<Dispatcher>(*services_);
}

DavCase::~DavCase() { pools_.Join(); }

Answer DavCase::Do(std::string_view method, std::string_view path, const HeaderList& headers,
                   std::string body, std::string_view user) {
  http::Request request;
  request.method = method;
  request.target = path;
  request.path = path.substr(0, path.find('?'));
  if (request.path.size() < path.size()) request.query = path.substr(request.path.size() + 1);
  request.id = "test";
  request.headers.Add("Host", "cloud.example");
  if (!user.empty()) request.headers.Add("Authorization", BasicAuth(user));
  for (const auto& [name, value] : headers) request.headers.Set(name, value);
  request.framing = body.empty() ? http::Framing::kNone : http::Framing::kLength;
  request.content_length = body.size();
  FakeExchange exchange(std::move(request), std::move(body));
  exchange.body_is_here = body_is_here_;
  exchange.on_write = on_write_;
  exchange.client_leaves_after = client_leaves_after_;
  net::io_context& context = contexts_.emplace_back();
  auto handled = dispatcher_->Handle(exchange);
  boost::asio::co_spawn(context, std::move(handled), boost::asio::detached);
  context.run();
  return std::move(exchange.answer);
}

Answer DavCase::Propfind(std::string_view path, std::string_view depth, std::string_view props,
                         HeaderList headers) {
  return PropfindAt(std::string(kHome) + std::string(path), depth, props, std::move(headers));
}

Answer DavCase::PropfindAt(std::string_view path, std::string_view depth, std::string_view props,
                           HeaderList headers, std::string_view user) {
  if (!depth.empty()) headers.emplace_back("Depth", depth);
  if (props.empty()) return Do("PROPFIND", path, headers, {}, user);
  std::string body(kXmlHead);
  body.append("<d:propfind")
      .append(kNamespaces)
      .append(kShareNamespaces)
      .append("><d:prop>")
      .append(props);
  body.append("</d:prop></d:propfind>");
  return Do("PROPFIND", path, headers, std::move(body), user);
}

Answer DavCase::Proppatch(std::string_view path, std::string_view instructions,
                          const HeaderList& headers) {
  return ProppatchAt(std::string(kHome) + std::string(path), instructions, headers);
}

Answer DavCase::ProppatchAt(std::string_view path, std::string_view instructions,
                            const HeaderList& headers) {
  std::string body(kXmlHead);
  body.append("<d:propertyupdate")
      .append(kNamespaces)
      .append(kShareNamespaces)
      .append(">")
      .append(instructions);
  body.append("</d:propertyupdate>");
  return Do("PROPPATCH", path, headers, std::move(body));
}

storage::Share DavCase::MakeShare(std::string_view path, shares::NewShare request) {
  request.node = Stat(path).id();
  const auto made = shares_->Create(alice_.caller, request);
  CAIRN_CHECK(made.has_value() && !made->refused);
  return made->share;
}

auth::Principal DavCase::PrincipalOf(std::string_view user) {
  auto principal = authenticator_->CheckSlow({BasicAuth(user)}, *kv().Published());
  CAIRN_CHECK(principal.has_value());
  return *principal;
}

std::string DavCase::ValueIn(const Answer& answer, std::string_view property) {
  const std::string open = "<" + std::string(property) + ">";
  const std::size_t at = answer.body.find(open);
  if (at == std::string::npos) return "(none)";
  const std::size_t begin = at + open.size();
  return answer.body.substr(begin, answer.body.find('<', begin) - begin);
}

std::vector<std::string> DavCase::Hrefs(const Answer& answer) {
  constexpr std::string_view kOpen = "<d:response><d:href>";
  std::vector<std::string> hrefs;
  for (std::size_t at = answer.body.find(kOpen); at != std::string::npos;
       at = answer.body.find(kOpen, at)) {
    at += kOpen.size();
    hrefs.push_back(answer.body.substr(at, answer.body.find('<', at) - at));
  }
  return hrefs;
}

void DavCase::SetQuota(std::string_view text) {
  ASSERT_TRUE(users_->SetQuota(alice_.caller.user, text).has_value());
}

Answer DavCase::Lock(std::string_view path, std::string_view depth, std::string_view user) {
  const std::string body =
      "<d:lockinfo "
      "xmlns:d=\"DAV:\"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></"
      "d:locktype>"
      "<d:owner>gold</d:owner></d:lockinfo>";
  const HeaderList headers = {{"Depth", std::string(depth)}, {"Timeout", "Second-600"}};
  return Do("LOCK", std::string(kHome) + std::string(path), headers, body, user);
}

std::string DavCase::TokenOf(const Answer& answer) {
  std::string token = answer.Header("Lock-Token");
  CAIRN_CHECK(token.size() > 2);
  return token.substr(1, token.size() - 2);
}

storage::TreePath DavCase::PathOf(SpaceId home, std::string_view path) {
  storage::TreePath out{.home = home, .segments = {}};
  for (std::size_t from = 1; from < path.size();) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    out.segments.emplace_back(path.substr(from, slash - from));
    from = slash + 1;
  }
  return out;
}

void DavCase::Mkcol(std::string_view path) {
  const storage::WriteContext context{.caller = alice_.caller};
  const auto at = PathOf(alice_.home, path);
  auto body = [&](storage::KvTxn& txn) {
    return engine_->tree().MakeCollection(txn, context, at, {});
  };
  const auto made = storage::CommitBlocking(kv(), {storage::SpaceKey(alice_.home)}, body);
  ASSERT_TRUE(made.has_value()) << made.error().message;
}

void DavCase::Put(std::string_view path, std::string_view text, std::int64_t mtime,
                  std::string_view checksums) {
  auto ingest = engine_->contents().Begin({});
  ASSERT_TRUE(ingest->Append(AsBytes(text)).has_value());
  const auto content = ingest->Finish();
  ASSERT_TRUE(content.has_value());
  const storage::WriteContext context{.caller = alice_.caller};
  const auto at = PathOf(alice_.home, path);
  storage::PutOptions options;
  options.mtime = mtime;
  options.checksums = checksums;
  auto body = [&](storage::KvTxn& txn) {
    return engine_->tree().Put(txn, context, at, *content, options);
  };
  const auto put = storage::CommitBlocking(kv(), {storage::SpaceKey(alice_.home)}, body);
  ASSERT_TRUE(put.has_value()) << put.error().message;
}

void DavCase::PlantBrokenEntry(std::string_view folder, std::string_view name) {
  const FileId parent = Stat(folder).id();
  auto body = [&](storage::KvTxn& txn) -> Result<void> {
    txn.Put(storage::Table::kEntries, storage::keys::Entry(parent, name), "\xff\xff");
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(kv(), {storage::SpaceKey(alice_.home)}, body).has_value());
}

void DavCase::DamageContent(std::string_view path, std::uint64_t offset) {
  const auto content = ContentId::FromBytes(Stat(path).node.content());
  ASSERT_TRUE(content.has_value());
  const auto record = storage::ReadRecord<storage::Content>(
      *kv().Published(), storage::Table::kContents, storage::keys::Content(*content));
  ASSERT_TRUE(record.has_value() && record->has_value());
  const auto blob = BlobId::FromBytes((*record)->blob());
  ASSERT_TRUE(blob.has_value());
  blobs_->FlipBit(*blob, offset * 8);
}

storage::Entry DavCase::Stat(std::string_view path) {
  auto chain = engine_->tree().Resolve(*kv().Published(), PathOf(alice_.home, path));
  CAIRN_CHECK(chain.has_value());
  return std::move(chain->leaf());
}

std::string DavCase::Multistatus(std::string_view responses) {
  std::string out(kXmlHead);
  out.append("<d:multistatus")
      .append(kNamespaces)
      .append(">")
      .append(responses)
      .append("</d:multistatus>");
  return out;
}

std::string DavCase::Response(std::string_view path, std::string_view found,
                              std::string_view missing) {
  return ResponseAt(std::string(kHome) + std::string(path), found, missing);
}

std::string DavCase::ResponseAt(std::string_view href, std::string_view found,
                                std::string_view missing) {
  std::string out = "<d:response><d:href>" + std::string(href) + "</d:href>";
  if (!found.empty()) {
    out.append("<d:propstat><d:prop>").append(found);
    out += "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>";
  }
  if (!missing.empty()) {
    out.append("<d:propstat><d:prop>").append(missing);
    out += "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>";
  }
  return out + "</d:response>";
}

}  // namespace cairn::dav
