// The method handlers, one .cc each. Every one answers, or returns an error before it has answered
// anything. Names of files: get.cc (GET, HEAD), put.cc, mkcol.cc, remove.cc (DELETE), move_copy.cc,
// propfind.cc, proppatch.cc, report.cc, lock.cc, patch.cc, options.cc; for upload sessions
// upload_*.cc, for the trash trash_*.cc, for versions version_*.cc.
#pragma once

#include "dav/context.h"

namespace cairn::dav {

// files tree: /remote.php/dav/files/USER, /remote.php/webdav
Outcome Options(Ctx& ctx);
Outcome Propfind(Ctx& ctx);
Outcome Proppatch(Ctx& ctx);
Outcome Report(Ctx& ctx);
Outcome Get(Ctx& ctx);  // and HEAD
Outcome Put(Ctx& ctx);
Outcome Patch(Ctx& ctx);  // X-Recalculate-Hash
Outcome Mkcol(Ctx& ctx);
Outcome Remove(Ctx& ctx);
Outcome Move(Ctx& ctx);
Outcome Copy(Ctx& ctx);
Outcome Lock(Ctx& ctx);
Outcome Unlock(Ctx& ctx);

// file drop: /public.php/... of links that let others add and see nothing
inline constexpr std::string_view kDropAllow = "OPTIONS, GET, HEAD, PUT, MKCOL";
Outcome DropPut(Ctx& ctx);
Outcome DropMkcol(Ctx& ctx);  // always done
Outcome DropGet(Ctx& ctx);    // and HEAD: there is nothing, ever
Outcome DropOptions(Ctx& ctx);

// POST of the forms on the pages of links, form_upload.cc
Outcome UploadForm(Ctx& ctx);
Outcome DropForm(Ctx& ctx);

// uploads tree: /remote.php/dav/uploads/USER[/SESSION[/CHUNK]]; the same names with another target
Outcome UploadsPropfind(Ctx& ctx);
Outcome UploadsMkcol(Ctx& ctx);
Outcome UploadsPut(Ctx& ctx);
Outcome UploadsRemove(Ctx& ctx);
Outcome UploadsMove(Ctx& ctx);

// trash: /remote.php/dav/trashbin/USER[/trash[/NAME.dTIME[/...]]|/restore]
Outcome TrashPropfind(Ctx& ctx);
Outcome TrashGet(Ctx& ctx);     // and HEAD
Outcome TrashRemove(Ctx& ctx);  // one deletion, or all of them
Outcome TrashMove(Ctx& ctx);    // restore, or to a place among the files
Outcome TrashCopy(Ctx& ctx);    // refused, as are:
Outcome TrashPut(Ctx& ctx);
Outcome TrashMkcol(Ctx& ctx);
Outcome TrashProppatch(Ctx& ctx);  // answered, nothing is stored

// versions: /remote.php/dav/versions/USER[/versions[/FILEID[/TIME]]|/restore]
Outcome VersionsPropfind(Ctx& ctx);
Outcome VersionsGet(Ctx& ctx);  // and HEAD
Outcome VersionsRemove(Ctx& ctx);
Outcome VersionsMove(Ctx& ctx);       // restore, or to a place among the files
Outcome VersionsCopy(Ctx& ctx);       // the same, and the version stays
Outcome VersionsProppatch(Ctx& ctx);  // nc:version-label
Outcome VersionsRefuse(Ctx& ctx);     // what makes something: nothing is made here

// dav root: /remote.php/dav, /remote.php/dav/files ...: collections that exist for clients that
// climb up
Outcome RootPropfind(Ctx& ctx);
Outcome RootGet(Ctx& ctx);        // and HEAD: the recorded line of text
Outcome OptionsOfTree(Ctx& ctx);  // trees whose members need no look-up: all but files

}  // namespace cairn::dav
