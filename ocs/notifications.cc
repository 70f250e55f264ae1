// Notifications, version 2 of their API: what the caller is told, and what he has read. Parameters
// of texts are maps even when there are none: Android refuses the whole list otherwise.
#include "notifications/notifications.h"

#include <algorithm>
#include <utility>

#include "auth/records.h"
#include "http/date.h"
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "shares/transfers.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;
using storage::Notification;

constexpr std::size_t kMostAsked = 200;  // ids of one call

// "… {path} …" and what stands for the names in braces.
struct Text {
  std::string rich;
  std::string plain;
  json::object parameters;

  void Fill(std::string_view name, std::string_view shown, json::object parameter) {
    const std::string braces = "{" + std::string(name) + "}";
    if (const auto at = plain.find(braces); at != std::string::npos)
      plain.replace(at, braces.size(), shown);
    if (rich.find(braces) != std::string::npos) parameters[name] = std::move(parameter);
  }
};
Text Rich(std::string text) { return {text, text, {}}; }

struct Wording {
  std::string_view subject;
  std::string_view message;
  bool asks = false;  // the reader has to decide
};

Wording WordingOf(storage::NotificationKind kind) {
  switch (kind) {
    case storage::NOTIFICATION_TRANSFER_OFFERED:
      return {"Incoming ownership transfer from {user}", "Do you want to accept {path}?", true};
    case storage::NOTIFICATION_TRANSFER_ACCEPTED:
      return {"Ownership transfer done",
              "Your ownership transfer of {path} to {user} has completed."};
    case storage::NOTIFICATION_TRANSFER_REJECTED:
      return {"Ownership transfer denied",
              "Your ownership transfer of {path} was denied by {user}."};
    default:  // of a newer version
      return {"Ownership transfer", "{path}"};
  }
}

json::object Action(std::string_view label, const std::string& link, std::string_view type,
                    bool primary) {
  return {{"label", label}, {"link", link}, {"type", type}, {"primary", primary}};
}

Result<json::object> Told(const Call& call, const storage::KvView& view, const Notification& one) {
  const std::string& reader = call.user().caller.user_name;
  ASSIGN_OR_RETURN(const auto other, auth::LoadUser(view, UserId{one.other()}));
  const std::string shown = other ? auth::ShownName(*other) : "a deleted account";
  const std::string path = one.name().empty() ? "all files" : one.name();
  const json::object user{
      {"type", "user"}, {"id", other ? other->name() : std::string()}, {"name", shown}};
  const json::object file{{"type", "highlight"}, {"id", reader + "::" + path}, {"name", path}};
  const Wording wording = WordingOf(one.kind());
  Text subject = Rich(std::string(wording.subject));
  Text message = Rich(std::string(wording.message));
  for (Text* const text : {&subject, &message}) {
    text->Fill("user", "@" + shown, user);
    text->Fill("path", path, file);
  }
  json::array actions;
  const std::string object = std::to_string(one.object());
  if (wording.asks) {
    const std::string link = BaseUrl(call.services, call.request) +
                             "/ocs/v2.php/apps/files/api/v1/transferownership/" + object;
    actions = {Action("Accept", link, "POST", true), Action("Reject", link, "DELETE", false)};
  }
  return json::object{{"notification_id", one.id()},
                      {"app", "files"},
                      {"user", reader},
                      {"datetime", http::IsoDateWithOffset(one.created())},
                      {"object_type", "transfer"},
                      {"object_id", object},
                      {"subject", std::move(subject.plain)},
                      {"message", std::move(message.plain)},
                      {"link", ""},
                      {"subjectRich", std::move(subject.rich)},
                      {"subjectRichParameters", std::move(subject.parameters)},
                      {"messageRich", std::move(message.rich)},
                      {"messageRichParameters", std::move(message.parameters)},
                      {"icon", ""},
                      {"shouldNotify", true},
                      {"actions", std::move(actions)}};
}

// 0, which is no notification's, for what is no id.
NotificationId NotificationOf(std::string_view text) {
  return NotificationId{ParseUint(text).value_or(0)};
}

Result<Reply> ListAll(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto all, notifications::ListOf(*view, call.user().caller.user));
  json::array list;
  for (const Notification& one : all) {
    ASSIGN_OR_RETURN(auto told, Told(call, *view, one));
    list.push_back(std::move(told));
  }
  Reply reply = Reply::Of(std::move(list));
  reply.cacheable = true;
  return reply;
}

Result<Reply> ShowOne(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto found, notifications::Find(*view, call.user().caller.user,
                                                         NotificationOf(call.params[0])));
  if (!found) {
    Reply none = Reply::Failure(404, "");
    none.data = nullptr;
    return none;
  }
  ASSIGN_OR_RETURN(auto told, Told(call, *view, *found));
  return Reply::Of(std::move(told));
}

Result<Reply> FindThose(const Call& call) {
  const std::vector<std::string> asked = ListArgument(call, "ids");
  if (asked.size() > kMostAsked) return Reply::Failure(400, "");
  const auto view = call.services.engine.kv().Published();
  json::array there;
  for (const std::string& text : asked) {
    const NotificationId id = NotificationOf(text);
    ASSIGN_OR_RETURN(const auto found, notifications::Find(*view, call.user().caller.user, id));
    if (found) there.push_back(Raw(id));
  }
  return Reply::Of(std::move(there));
}

Result<Reply> Dismiss(const Call& call, std::optional<NotificationId> one) {
  RETURN_IF_ERROR(call.services.transfers.Dismiss(call.user().caller, one));
  return Reply();
}

}  // namespace

ReplyTask ListNotifications(Call& call) {
  auto work = [&] { return ListAll(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask GetNotification(Call& call) {
  auto work = [&] { return ShowOne(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask FindNotifications(Call& call) {
  auto work = [&] { return FindThose(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask DeleteNotification(Call& call) {
  auto work = [&] { return Dismiss(call, NotificationOf(call.params[0])); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask DeleteNotifications(Call& call) {
  auto work = [&] { return Dismiss(call, std::nullopt); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
