// What the settings mean for sending events and mails.
#pragma once

#include <optional>

#include "app/settings.h"
#include "notify/transfers.h"

namespace lintel::app {

/// None without smtp.url. ConfigInvalid with a fault per setting that is not right.
Result<std::optional<notify::MailServer>> mail_server(const Settings& settings);

notify::TransferSettings transfer_settings(async::AddressRule rule);

}  // namespace lintel::app
