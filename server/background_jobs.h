// The rows of the job table: what the server does on its own schedule.
#pragma once

#include "auth/app_passwords.h"
#include "auth/last_used.h"
#include "auth/login_flows.h"
#include "auth/oauth.h"
#include "auth/sessions.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "server/features.h"
#include "server/jobs.h"
#include "shares/shares.h"
#include "shares/transfers.h"
#include "storage/engine.h"

namespace cairn::server {

// Everything that the storage engine wants done: collection, purge, expiry of uploads and locks,
// the sweep of blobs that a crash left, the look at the free space.
void AddStorageJobs(JobScheduler& jobs, storage::Engine& engine);

// What trash and versions want done: expiry by age, thinning, and room where they take too much, at
// once in the spaces that were noted.
void AddKeepingJobs(JobScheduler& jobs, storage::Engine& engine, Features& features);

// What accounts want done: purge of deleted ones, expiry of app passwords, times of last use.
void AddAccountJobs(JobScheduler& jobs, auth::Users& users, auth::AppPasswords& app_passwords,
                    auth::LastUsed& last_used);

// What logging in leaves behind: sessions, login flows and codes that are over, counts that hold
// nobody.
void AddLoginJobs(JobScheduler& jobs, auth::Sessions& sessions, auth::LoginFlows& login_flows,
                  auth::Throttle& throttle, auth::OAuth& oauth);

// What shares and offers of ownership want done: those whose node, maker or recipient is gone end.
void AddShareJobs(JobScheduler& jobs, shares::Shares& shares, shares::Transfers& transfers);

}  // namespace cairn::server
