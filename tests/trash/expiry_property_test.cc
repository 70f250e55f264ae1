// What must hold of the rule that empties the trash, whatever lies in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "base/random.h"
#include "trash/expiry_rule.h"

namespace cairn::trash {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;
constexpr int kGames = 4'000;

struct Game {
  std::vector<Item> trash;  // oldest first
  Room room;
  Retention retention;
  std::string text;

  std::uint64_t Bytes() const {
    return std::accumulate(trash.begin(), trash.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Item& item) { return sum + item.bytes; });
  }
  std::vector<Victim> Pick() const {
    return PickVictims(trash, true, Bytes(), room, retention, kNow);
  }
};

std::int64_t AgeOf(const Item& item) { return std::max<std::int64_t>(kNow - item.deleted_at, 0); }

class ExpiryProperties : public testing::Test {
 protected:
  std::uint64_t Below(std::uint64_t limit) { return random_.Uint64() % limit; }

  std::string AnySetting() {
    const std::uint64_t least = Below(60);
    switch (Below(6)) {
      case 0:
        return "auto";
      case 1:
        return std::to_string(least) + ", auto";
      case 2:
        return "auto, " + std::to_string(least);
      case 3:
        return std::to_string(least) + ", " + std::to_string(least + Below(60));
      case 4:
        return "0, auto";
      default:
        return "disabled";
    }
  }

  Game Deal() {
    Game game;
    for (std::uint64_t n = Below(40); n > 0; --n) {
      // Some are of the future, many of the same second, some take nothing.
      std::int64_t at = kNow - static_cast<std::int64_t>(Below(100)) * kSecondsPerDay;
      if (Below(2) == 0) at += static_cast<std::int64_t>(Below(2 * kSecondsPerDay));
      game.trash.push_back({at, Below(5) == 0 ? 0 : Below(1'000)});
    }
    std::sort(game.trash.begin(), game.trash.end(),
              [](const Item& a, const Item& b) { return a.deleted_at < b.deleted_at; });
    if (Below(3) != 0) game.room.quota = Below(30'000);
    game.room.used = Below(10'000);
    game.room.disk_free = Below(40'000);
    game.text = AnySetting();
    game.retention = *ParseRetention(game.text);
    return game;
  }

  SeededRandom random_{10};
};

std::set<std::size_t> Indexes(const std::vector<Victim>& victims) {
  std::set<std::size_t> all;
  for (const Victim& victim : victims) all.insert(victim.index);
  return all;
}

std::vector<Item> Without(const Game& game, const std::vector<Victim>& victims) {
  const auto gone = Indexes(victims);
  std::vector<Item> left;
  for (std::size_t i = 0; i < game.trash.size(); ++i)
    if (!gone.contains(i)) left.push_back(game.trash[i]);
  return left;
}

// The age from which the setting lets something go for its age, in days; by its text alone.
std::optional<std::int64_t> DaysAllowed(const std::string& text) {
  if (text == "auto") return 30;
  const std::string last = text.substr(text.find(',') + 1);
  if (text == "disabled" || last == " auto") return std::nullopt;
  return std::stoll(last);
}

TEST_F(ExpiryProperties, AgeVictimsAreExactlyThoseAboveTheAge) {
  int seen = 0;
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    std::set<std::size_t> expected;
    if (const auto days = DaysAllowed(game.text)) {
      for (std::size_t k = 0; k < game.trash.size(); ++k)
        if (game.trash[k].deleted_at < kNow - *days * kSecondsPerDay) expected.insert(k);
    }
    std::set<std::size_t> found;
    for (const Victim& victim : game.Pick())
      if (victim.reason == Reason::kAge) found.insert(victim.index);
    ASSERT_EQ(found, expected) << game.text;
    seen += static_cast<int>(found.size());
  }
  EXPECT_GT(seen, kGames) << "the games are too tame";
}

TEST_F(ExpiryProperties, TheLimitIsMetOrNothingIsLeftThatMayGo) {
  int above = 0;
  int met = 0;
  for (int i = 0; i < kGames; ++i) {
    Game game = Deal();
    const bool was_above = game.Bytes() > TrashLimit(game.room);
    game.trash = Without(game, game.Pick());
    if (!game.retention.by_rules) continue;
    if (game.Bytes() <= TrashLimit(game.room)) {
      met += was_above ? 1 : 0;
      continue;
    }
    ++above;
    // Only the newest may be old enough to go, and it would fit alone.
    for (std::size_t k = 0; k < game.trash.size(); ++k) {
      const bool young = AgeOf(game.trash[k]) < game.retention.keep_at_least;
      const bool newest = k + 1 == game.trash.size();
      ASSERT_TRUE(young || (newest && game.trash[k].bytes <= TrashLimit(game.room))) << game.text;
    }
  }
  EXPECT_GT(above, 50);
  EXPECT_GT(met, 200);
}

TEST_F(ExpiryProperties, SpaceTakesTheOldestAndNoMoreThanItNeeds) {
  int seen = 0;
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    const auto victims = game.Pick();
    ASSERT_TRUE(std::is_sorted(victims.begin(), victims.end(),
                               [](const auto& a, const auto& b) { return a.index < b.index; }));
    const auto gone = Indexes(victims);
    ASSERT_EQ(gone.size(), victims.size());
    std::uint64_t left = game.Bytes();
    for (const Victim& victim : victims) {
      if (victim.reason == Reason::kSpace) {
        ++seen;
        ASSERT_GT(left, TrashLimit(game.room)) << "a victim too many";
        for (std::size_t k = 0; k < victim.index; ++k)
          ASSERT_TRUE(gone.contains(k)) << "survives though older";
      }
      left -= game.trash[victim.index].bytes;
    }
  }
  EXPECT_GT(seen, kGames);
}

TEST_F(ExpiryProperties, TheNewestGoesForSpaceOnlyIfAloneItIsTooMuch) {
  int spared = 0;
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    if (game.trash.empty()) continue;
    const std::size_t newest = game.trash.size() - 1;
    const bool fits = game.trash[newest].bytes <= TrashLimit(game.room);
    bool taken = false;
    for (const Victim& victim : game.Pick())
      taken = taken || (victim.index == newest && victim.reason == Reason::kSpace);
    ASSERT_FALSE(taken && fits) << game.text;
    spared += fits && game.Bytes() > TrashLimit(game.room) ? 1 : 0;
  }
  EXPECT_GT(spared, 100);
}

TEST_F(ExpiryProperties, WhatMayEnterIsNotRemovedByItsArrival) {
  int entered = 0;
  for (int i = 0; i < kGames; ++i) {
    Game game = Deal();
    std::erase_if(game.trash, [](const Item& item) { return item.deleted_at > kNow; });
    const std::uint64_t bytes = Below(4'000);
    if (!FitsAlone(bytes, game.room, game.retention)) continue;
    ++entered;
    game.trash.push_back({kNow, bytes});
    ASSERT_FALSE(Indexes(game.Pick()).contains(game.trash.size() - 1)) << game.text;
  }
  EXPECT_GT(entered, kGames / 2);
}

TEST_F(ExpiryProperties, AppliedAgainItFindsNothing) {
  for (int i = 0; i < kGames; ++i) {
    Game game = Deal();
    game.trash = Without(game, game.Pick());
    ASSERT_TRUE(game.Pick().empty()) << game.text;
  }
}

TEST_F(ExpiryProperties, SettingsThatDoNotSayAutoNeverRemoveForSpace) {
  int seen = 0;
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    if (game.text.find("auto") != std::string::npos) continue;
    ++seen;
    const auto victims = game.Pick();
    for (const Victim& victim : victims) ASSERT_EQ(victim.reason, Reason::kAge) << game.text;
    ASSERT_TRUE(game.text != "disabled" || victims.empty());
  }
  EXPECT_GT(seen, kGames / 4);
}

TEST_F(ExpiryProperties, NothingYoungerThanAskedForIsRemoved) {
  int kept = 0;
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    for (const Victim& victim : game.Pick())
      ASSERT_GE(AgeOf(game.trash[victim.index]), game.retention.keep_at_least);
    kept += game.retention.keep_at_least > 0 && NeedsExpiry(game.Bytes(), game.room, game.retention)
                ? 1
                : 0;
  }
  EXPECT_GT(kept, 100);
}

TEST_F(ExpiryProperties, TheCountersMissNothing) {
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    if (NeedsExpiry(game.Bytes(), game.room, game.retention)) continue;
    for (const Victim& victim : game.Pick()) ASSERT_EQ(victim.reason, Reason::kAge) << game.text;
  }
}

TEST_F(ExpiryProperties, PageByPageTheSameGo) {
  for (int i = 0; i < kGames; ++i) {
    const Game game = Deal();
    const std::size_t page = 1 + Below(7);
    std::uint64_t bytes = game.Bytes();
    std::vector<Victim> gone;
    for (std::size_t from = 0; from < game.trash.size(); from += page) {
      const std::size_t count = std::min(page, game.trash.size() - from);
      const auto part = std::span(game.trash).subspan(from, count);
      const bool is_all = from + count == game.trash.size();
      for (const Victim& victim :
           PickVictims(part, is_all, bytes, game.room, game.retention, kNow)) {
        gone.push_back({from + victim.index, victim.reason});
      }
      bytes = game.Bytes();
      for (const Victim& victim : gone) bytes -= game.trash[victim.index].bytes;
    }
    ASSERT_EQ(gone, game.Pick()) << game.text << ", pages of " << page;
  }
}

}  // namespace
}  // namespace cairn::trash
