// The end of the real binary while it is busy: on a signal, and because its disk fails.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <memory>

#include "tests/integration/binary_case.h"
#include "tests/support/blob_files.h"

namespace cairn {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Promise R11, and what a busy machine may add.
constexpr std::chrono::seconds kLongestStop{10 + 5};

class EndCase : public BinaryCase {
 protected:
  // fsck finds nothing, and no blob that no record names.
  void ExpectClean() const {
    const std::string blobs = std::to_string(BlobFilesIn(DataDirectory()).size());
    EXPECT_THAT(Command({"fsck", "--read-data"}),
                AllOf(HasSubstr("\n0 findings, 0 harmless"), HasSubstr(", " + blobs + " blobs,")));
  }
};

// An upload of which the server has the head and half of the body.
struct SlowUpload {
  std::string target;
  std::string content;
  std::unique_ptr<RawClient> client;
  void SendRest() { client->Send(content.substr(content.size() / 2)); }
};

class StopTest : public EndCase {
 protected:
  static constexpr int kUploads = 100;

  // PUTs of three sizes, every fourth of them a chunk.
  SlowUpload Begin(int number) {
    constexpr std::size_t kSizes[] = {600, 40'000, 300'000};
    SlowUpload upload;
    upload.target = number % 4 == 3 ? ChunkUrl(number) : Url(number);
    upload.content.assign(kSizes[number % 3], static_cast<char>('a' + number % 26));
    upload.client = std::make_unique<RawClient>(port_);
    const std::string request =
        Request("PUT", upload.target, upload.content, "Expect: 100-continue\r\n");
    const std::size_t head = request.size() - upload.content.size();
    upload.client->Send(std::string_view(request).substr(0, head));
    EXPECT_EQ(upload.client->Receive().status, 100);
    upload.client->Send(std::string_view(request).substr(head, upload.content.size() / 2));
    return upload;
  }
  std::vector<SlowUpload> BeginAll() {
    RawClient client(port_);
    EXPECT_EQ(client.Exchange(Request("MKCOL", kSession)).status, 201);
    std::vector<SlowUpload> uploads;
    for (int i = 0; i < kUploads; ++i) uploads.push_back(Begin(i));
    return uploads;
  }
  static bool IsChunk(const SlowUpload& upload) { return upload.target.starts_with(kSession); }
  static std::string Url(int number) { return std::string(kFiles) + "/" + std::to_string(number); }
  static std::string ChunkUrl(int number) {
    return std::string(kSession) + "/" + std::to_string(number);
  }

  // Ends the server with SIGTERM: what is written then, and how it ends.
  void Stop(ChildProcess& server, const std::function<void()>& meanwhile) {
    const auto begin = std::chrono::steady_clock::now();
    server.Signal(SIGTERM);
    EXPECT_NE(server.LineWith("stopping on signal"), "");
    meanwhile();
    const std::string log = server.Rest();
    EXPECT_EQ(server.Wait(), 0) << log;
    EXPECT_LE(std::chrono::steady_clock::now() - begin, kLongestStop);
  }

  static constexpr std::string_view kSession = "/remote.php/dav/uploads/alice/up";
};

TEST_F(StopTest, RunningUploadsEndAndTheAcknowledgedOnesAreKept) {
  AddUser();
  auto server = Serve();
  auto uploads = BeginAll();
  Stop(*server, [&] {
    for (SlowUpload& upload : uploads) upload.SendRest();
    for (SlowUpload& upload : uploads)
      EXPECT_EQ(upload.client->Receive().status, 201) << upload.target;
  });
  ExpectClean();

  server = Serve();
  RawClient client(port_);
  std::string chunks;
  for (const SlowUpload& upload : uploads) {
    if (IsChunk(upload)) {
      chunks += upload.content;
      continue;
    }
    EXPECT_EQ(client.Exchange(Request("GET", upload.target)).body, upload.content) << upload.target;
  }
  const std::string target(kFiles);
  EXPECT_EQ(client
                .Exchange(Request("MOVE", std::string(kSession) + "/.file", {},
                                  "Destination: " + target + "/big\r\n"))
                .status,
            201);
  EXPECT_EQ(client.Exchange(File("GET", "/big")).body, chunks);
}

// Half of the clients say nothing more, some of them because they are gone.
TEST_F(StopTest, StalledUploadsDoNotHoldItUpAndLeaveNothing) {
  AddUser();
  auto server = Serve();
  auto uploads = BeginAll();
  Stop(*server, [&] {
    for (std::size_t i = 0; i < uploads.size(); i += 2) uploads[i].SendRest();
    for (std::size_t i = 1; i < uploads.size(); i += 6) uploads[i].client.reset();
    for (std::size_t i = 0; i < uploads.size(); i += 2)
      EXPECT_EQ(uploads[i].client->Receive().status, 201) << uploads[i].target;
  });
  for (std::size_t i = 3; i < uploads.size(); i += 2) {
    EXPECT_TRUE(uploads[i].client == nullptr || uploads[i].client->SeesEnd()) << uploads[i].target;
  }
  ExpectClean();

  server = Serve();
  RawClient client(port_);
  for (std::size_t i = 0; i < uploads.size(); ++i) {
    if (IsChunk(uploads[i])) continue;
    const RawResponse got = client.Exchange(Request("GET", uploads[i].target));
    const bool acknowledged = i % 2 == 0;
    EXPECT_EQ(got.status, acknowledged ? 200 : 404) << uploads[i].target;
    EXPECT_EQ(got.body == uploads[i].content, acknowledged) << uploads[i].target;
  }
}

// The disk takes nothing more: nobody is answered, and the supervisor is told to start it again.
class BrokenStoreTest : public EndCase {
 protected:
  // Writes past the limit on file sizes fail instead of killing the process; that is inherited.
  BrokenStoreTest() : before_(std::signal(SIGXFSZ, SIG_IGN)) {}
  ~BrokenStoreTest() override { std::signal(SIGXFSZ, before_); }

  static void BreakDiskOf(const ChildProcess& server) {
    const rlimit nothing{1, 1};
    ASSERT_EQ(prlimit(server.pid(), RLIMIT_FSIZE, &nothing, nullptr), 0);
  }

 private:
  void (*before_)(int);
};

TEST_F(BrokenStoreTest, EndsWithStatus70AndAnswersNobody) {
  AddUser();
  auto server = Serve();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(File("PUT", "/before.txt", "acknowledged")).status, 201);
  BreakDiskOf(*server);
  const RawResponse lost = client.Exchange(File("PUT", "/after.txt", "not acknowledged"));
  EXPECT_EQ(lost.status, 0);
  EXPECT_NE(server->LineWith("cairn: the storage is broken: "), "");
  EXPECT_EQ(server->Wait(), 70);

  ExpectClean();
  server = Serve();
  RawClient again(port_);
  EXPECT_EQ(again.Exchange(File("GET", "/before.txt")).body, "acknowledged");
  EXPECT_EQ(again.Exchange(File("GET", "/after.txt")).status, 404);
}

}  // namespace
}  // namespace cairn
