-- SPDX-License-Identifier: MIT
-- Base64, as the guest agent and the control socket carry bytes: encode(bytes), and decode(text),
-- the bytes | nil, why.
return require "lunik.core".base64
