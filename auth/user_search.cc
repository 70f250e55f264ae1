#include "auth/user_search.h"

#include <algorithm>
#include <tuple>

#include "auth/records.h"
#include "base/bytes.h"
#include "base/function_ref.h"

namespace cairn::auth {

namespace {

constexpr std::size_t kUsersPerLook = 1000;

struct Candidate {
  std::string sort_key;  // the display name in lower case
  std::string folded;    // the name in lower case
  FoundUser user;

  auto Order() const { return std::tie(sort_key, folded); }
  bool operator<(const Candidate& other) const { return Order() < other.Order(); }
};

using Look = FunctionRef<void(const storage::User&)>;

Result<void> VisitAll(const storage::KvView& view, Look look) {
  bool bad = false;
  auto visit = [&](std::string_view, std::string_view value) {
    storage::User user;
    bad = !storage::ParseInto(value, user);
    if (!bad) look(user);
    return !bad;
  };
  RETURN_IF_ERROR(view.Scan(storage::Table::kUsers, {}, {}, visit));
  return bad ? storage::BadRecord(storage::User()) : Result<void>();
}

Result<void> VisitSome(const storage::KvView& view, const std::set<UserId>& some, Look look) {
  for (auto next = some.begin(); next != some.end();) {
    std::vector<std::string> keys;
    for (; next != some.end() && keys.size() < kUsersPerLook; ++next)
      keys.push_back(storage::keys::User(*next));
    ASSIGN_OR_RETURN(const auto values, view.MultiGet(storage::Table::kUsers, keys));
    for (const auto& value : values) {
      if (!value) continue;
      ASSIGN_OR_RETURN(const auto user, storage::Parse<storage::User>(*value));
      look(user);
    }
  }
  return {};
}

bool Matches(const storage::User& user, const UserSearch& search) {
  if (user.deleted()) return false;
  if (search.state != AccountState::kAny &&
      user.disabled() != (search.state == AccountState::kDisabled))
    return false;
  if (search.except != nullptr && search.except->contains(UserId{user.id()})) return false;
  return ContainsIgnoreCase(user.name(), search.text) ||
         ContainsIgnoreCase(user.display_name(), search.text) ||
         ContainsIgnoreCase(user.email(), search.text);
}

// Keeps the `most` smallest: a heap with the largest of them on top.
void Keep(std::vector<Candidate>& heap, Candidate candidate, std::size_t most) {
  if (heap.size() == most) {
    if (!(candidate < heap.front())) return;
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
  }
  heap.push_back(std::move(candidate));
  std::push_heap(heap.begin(), heap.end());
}

}  // namespace

bool ContainsIgnoreCase(std::string_view whole, std::string_view text) {
  return ToLower(whole).find(ToLower(text)) != std::string::npos;
}

Result<std::vector<FoundUser>> SearchUsers(const storage::KvView& view, const UserSearch& search) {
  std::vector<FoundUser> page;
  const std::size_t offset = std::min(search.offset, kMaxFoundUsers);
  const std::size_t most = offset + std::min(search.limit, kMaxFoundUsers - offset);
  if (most == offset) return page;
  std::vector<Candidate> heap;
  auto look = [&](const storage::User& user) {
    if (!Matches(user, search)) return;
    Keep(heap, {ToLower(ShownName(user)), ToLower(user.name()), {UserId{user.id()}, user.name()}},
         most);
  };
  RETURN_IF_ERROR(search.among == nullptr ? VisitAll(view, look)
                                          : VisitSome(view, *search.among, look));

  std::sort(heap.begin(), heap.end());
  heap.erase(heap.begin(),
             heap.begin() + static_cast<std::ptrdiff_t>(std::min(offset, heap.size())));
  if (search.order == PageOrder::kName)
    std::sort(heap.begin(), heap.end(),
              [](const Candidate& a, const Candidate& b) { return a.folded < b.folded; });
  page.reserve(heap.size());
  for (Candidate& candidate : heap) page.push_back(std::move(candidate.user));
  return page;
}

}  // namespace cairn::auth
