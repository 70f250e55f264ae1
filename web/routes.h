// The functions behind the rows of routes.cc, by area.
#pragma once

#include <span>
#include <string_view>

#include "web/visit.h"

namespace cairn::web {

enum class Guard {
  kOpen,         // devices and links: no form of ours
  kForm,         // a POST that must bring back the request token
  kSession,      // as kForm, and only for who is logged in; others are sent to the login page
  kCredentials,  // programs: Basic or Bearer, or 401; a cookie is none
  kCaller,       // anybody; who it is, by credentials or session, stands in the Visit
};

struct Route {
  std::string_view verb;     // "GET" answers HEAD too
  std::string_view pattern;  // "/login/v2/flow/{token}"
  Guard guard = Guard::kOpen;
  Outcome (*run)(Visit&) = nullptr;
  std::size_t raw_body = 0;  // bytes; of a POST that brings no form: how long it may be
};
std::span<const Route> Routes();

// login.cc
Outcome ShowLogin(Visit& visit);
Outcome LogIn(Visit& visit);
Outcome LogOut(Visit& visit);

// flow_v2.cc
Outcome StartFlow(Visit& visit);  // the device
Outcome PollFlow(Visit& visit);   // the device
Outcome OpenFlow(Visit& visit);   // the browser it opens
Outcome ShowFlow(Visit& visit);
Outcome ShowGrant(Visit& visit);
Outcome GrantAccess(Visit& visit);

// flow_v1.cc
Outcome ShowFlowV1(Visit& visit);
Outcome ShowGrantV1(Visit& visit);
Outcome GrantAccessV1(Visit& visit);

// second_factor.cc
Outcome ShowChallenge(Visit& visit);
Outcome AnswerChallenge(Visit& visit);
Outcome BeginTotp(Visit& visit);
Outcome ConfirmTotp(Visit& visit);
Outcome TurnOffTotp(Visit& visit);
Outcome RenewBackupCodes(Visit& visit);

// oauth_consent.cc
Outcome ShowConsent(Visit& visit);
Outcome DecideConsent(Visit& visit);

// oauth_token.cc
Outcome IssueToken(Visit& visit);  // the client

// settings.cc
Outcome ShowSettings(Visit& visit);
Outcome SaveProfile(Visit& visit);
Outcome ChangePassword(Visit& visit);
Outcome CreateDevice(Visit& visit);
Outcome EndDevice(Visit& visit);
Outcome EndBrowser(Visit& visit);

// avatar.cc
Outcome ShowAvatar(Visit& visit);
Outcome ShowDarkAvatar(Visit& visit);
Outcome ShowDavAvatar(Visit& visit);

// avatar_change.cc
Outcome PutAvatar(Visit& visit);
Outcome DeleteAvatar(Visit& visit);
Outcome RemovePicture(Visit& visit);  // the form of the settings page

// wipe.cc
Outcome CheckWipe(Visit& visit);
Outcome ConfirmWipe(Visit& visit);

// link_show.cc, link_password.cc, link_download.cc: public links
Outcome ShowLink(Visit& visit);
Outcome AskLinkPassword(Visit& visit);
Outcome TakeLinkPassword(Visit& visit);
Outcome DownloadLink(Visit& visit);

// routes.cc
Outcome ServeStyle(Visit& visit);
Outcome ServeLinkScript(Visit& visit);

// ---- shared

// "/login?redirect_url=..." for a path of ours with query.
std::string LoginPath(std::string_view redirect);
std::string ChallengePath(std::string_view redirect);
// The path that a redirect_url names; kHome for anything that is not a path of ours (T-17).
std::string SafeRedirect(std::string_view redirect);
inline constexpr std::string_view kHome = "/settings/user";

// JSON as devices read it.
http::Response Json(int status, std::string body);
// 401 for programs.
http::Response Challenge();

}  // namespace cairn::web
