// What forms of the settings page have in common: a change that is carried out or refused, and the
// page that says so.
#pragma once

#include <optional>
#include <string>

#include "web/visit.h"

namespace cairn::web {

// What the page says on top; `extra` is HTML.
struct Word {
  int status = 200;
  std::string text = {};
  std::string extra = {};
};

// The settings page with a word.
Outcome ShowSettingsWith(Visit& visit, Word word);

// What a refusal of a form says to its user; errors of the server stay errors.
std::optional<Word> Explain(const Error& error);

// The password in the field `password` is that of the session's user. Blocks: it is hashed.
Result<void> ConfirmPassword(const Visit& visit);

// Runs a change on the slow pool, where waiting for the directory key stops nobody who holds it.
// nullopt: it is done.
template <class Change>
net::awaitable<Result<std::optional<Word>>> RunChange(Visit& visit, Change& change) {
  auto done = co_await visit.services.pools.slow.Run(change);
  if (done.has_value()) co_return std::optional<Word>();
  auto word = Explain(done.error());
  if (!word) co_return std::move(done).error();
  co_return word;
}

// Sections of the page.
std::string PictureSection(const Visit& visit, const storage::User& user,
                           const std::optional<storage::Avatar>& own);
std::string SecondFactorSection(const Visit& visit, const auth::SecondFactorState& state);

}  // namespace cairn::web
