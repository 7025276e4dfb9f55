// The ids of the nouns. Each noun has its own type, so a service's id cannot be passed where an
// API's is wanted.
#pragma once

#include "base/id.h"

namespace lintel::model {

struct Gateway;
struct Project;
struct Environment;
struct Group;
struct Certificate;
struct Domain;
struct Service;
struct ApiDefinition;
struct Credential;
struct Grant;
struct User;
struct ApiToken;
struct AuditEvent;
struct AccessPolicy;
struct ReleaseRecord;
struct Upstream;
struct Subscription;
struct Webhook;
struct Delivery;

using GatewayId = Id<Gateway>;
using ProjectId = Id<Project>;
using EnvironmentId = Id<Environment>;
using GroupId = Id<Group>;
using CertificateId = Id<Certificate>;
using DomainId = Id<Domain>;
using ServiceId = Id<Service>;
using ApiId = Id<ApiDefinition>;
using CredentialId = Id<Credential>;
using GrantId = Id<Grant>;
using UserId = Id<User>;
using ApiTokenId = Id<ApiToken>;
using AuditEventId = Id<AuditEvent>;
using AccessPolicyId = Id<AccessPolicy>;
using ReleaseRecordId = Id<ReleaseRecord>;
using UpstreamId = Id<Upstream>;
using SubscriptionId = Id<Subscription>;
using WebhookId = Id<Webhook>;
using DeliveryId = Id<Delivery>;

}  // namespace lintel::model
