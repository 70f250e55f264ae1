// Folders are layers: an #include that points up, or past a third-party library's door, fails here.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/base/layers.h"

namespace cairn::layers {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Rules PlantedRules() {
  return *ParseRules(
      "# a comment\n\n"
      "folder base:\n"
      "folder storage: base\n"
      "folder codec: base storage/blob_codec.h\n"
      "folder dav: base storage\n"
      "door rocksdb/: storage\n"
      "door boost/asio/: base dav\n"
      "door boost/asio/ip/: dav\n"
      "door boost/system/: *\n");
}

// The first violation in `source`, as a file of `folder`.
std::string Check(const std::string& folder, std::string_view source) {
  for (const Include& include : IncludesIn(source)) {
    if (std::string why = Violation(PlantedRules(), folder, include); !why.empty()) return why;
  }
  return "fine";
}

TEST(LayerRules, LetIncludesPointDown) {
  EXPECT_EQ(Check("dav", "#include \"storage/node.h\"\n#include \"base/error.h\"\n"), "fine");
  EXPECT_EQ(
      Check("dav", "#include \"dav/get.h\"\n#include <string>\n#include <boost/asio/ip/tcp.hpp>\n"),
      "fine");
  EXPECT_EQ(Check("storage", "#include <rocksdb/db.h>\n#include <boost/system/result.hpp>\n"),
            "fine");
  EXPECT_EQ(Check("codec", "#include \"storage/blob_codec.h\"\n"), "fine");
}

TEST(LayerRules, FindIncludesThatPointUp) {
  EXPECT_EQ(Check("storage", "#include <string>\n  #  include \"dav/get.h\"  // sneaky\n"),
            "storage may not include \"dav/get.h\"");
  EXPECT_EQ(Check("base", "#include \"storage/node.h\"\n"),
            "base may not include \"storage/node.h\"");
  EXPECT_EQ(Check("codec", "#include \"storage/node.h\"\n"),
            "codec may not include \"storage/node.h\"");
  EXPECT_EQ(Check("dav", "#include \"tests/support/x.h\"\n"),
            "dav may not include \"tests/support/x.h\"");
  EXPECT_EQ(Check("dav", "#include \"get.h\"\n"), "\"get.h\" does not name its folder");
  EXPECT_EQ(Check("dav", "#include \"../storage/node.h\"\n"),
            "\"../storage/node.h\" does not name its folder");
  EXPECT_EQ(Check("nowhere", "#include <string>\n"), "folder nowhere is not in docs/layers.txt");
}

TEST(LayerRules, FindThirdPartyHeadersOutsideTheirDoor) {
  EXPECT_EQ(Check("dav", "#include <rocksdb/db.h>\n"), "<rocksdb/db.h> has another door");
  EXPECT_EQ(Check("base", "#include <boost/asio/ip/tcp.hpp>\n"),
            "<boost/asio/ip/tcp.hpp> has another door");
  EXPECT_EQ(Check("base", "#include <curl/curl.h>\n"), "no door for <curl/curl.h>");
  EXPECT_EQ(Check("base", "#include <unistd.h>\n"), "no door for <unistd.h>");
}

TEST(LayerRules, RefuseAMalformedTable) {
  EXPECT_FALSE(ParseRules("nonsense\n"));
  EXPECT_FALSE(ParseRules("folder base\n"));
  EXPECT_FALSE(ParseRules("folder :\n"));
  EXPECT_FALSE(ParseRules("folder base:\nfolder base:\n"));
  EXPECT_FALSE(ParseRules("folder base: nowhere\n"));
  EXPECT_FALSE(ParseRules("folder base:\ndoor x/: nowhere\n"));
}

TEST(LayerRules, HaveNoCycle) {
  const auto rules =
      ParseRules(ReadFile(std::filesystem::path(CAIRN_SOURCE_DIR) / "docs/layers.txt"));
  ASSERT_TRUE(rules.has_value());
  // Peel off folders whose allowed folders are all gone: a cycle leaves some behind.
  std::set<std::string> placed;
  for (bool progress = true; progress;) {
    progress = false;
    for (const auto& [folder, allowed] : rules->folders) {
      if (placed.contains(folder)) continue;
      bool ready = true;
      for (const std::string& name : allowed)
        ready = ready && placed.contains(name.substr(0, name.find('/')));
      if (ready) progress = placed.insert(folder).second;
    }
  }
  EXPECT_EQ(placed.size(), rules->folders.size());
}

TEST(Layering, HoldsInEverySourceFile) {
  const std::filesystem::path root(CAIRN_SOURCE_DIR);
  const auto rules = ParseRules(ReadFile(root / "docs/layers.txt"));
  ASSERT_TRUE(rules.has_value());
  int files = 0;
  for (const auto& [folder, allowed] : rules->folders) {
    if (!std::filesystem::is_directory(root / folder)) continue;  // a layer that has no code yet
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const auto suffix = entry.path().extension();
      if (suffix != ".h" && suffix != ".cc") continue;
      ++files;
      for (const Include& include : IncludesIn(ReadFile(entry.path()))) {
        EXPECT_EQ(Violation(*rules, folder, include), "")
            << entry.path().string() << ":" << include.line;
      }
    }
  }
  EXPECT_GT(files, 10);
}

TEST(Layering, CoversEverySourceFolder) {
  const std::filesystem::path root(CAIRN_SOURCE_DIR);
  const auto rules = ParseRules(ReadFile(root / "docs/layers.txt"));
  ASSERT_TRUE(rules.has_value());
  const std::set<std::string> other{"build", "cmake", "docs", "tests"};
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.starts_with('.') || other.contains(name)) continue;
    bool has_source = false;
    for (const auto& file : std::filesystem::directory_iterator(entry.path())) {
      has_source =
          has_source || file.path().extension() == ".cc" || file.path().extension() == ".h";
    }
    if (!has_source) continue;
    EXPECT_TRUE(rules->folders.contains(name)) << name;
  }
}

}  // namespace
}  // namespace cairn::layers
