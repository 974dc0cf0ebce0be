-- SPDX-License-Identifier: MIT
return {
  { { deprecated_input = "reject", deprecated_output = "hide", unstable_input = "reject",
      unstable_output = "hide" },
    "deprecated-input=reject,deprecated-output=hide,unstable-input=reject,unstable-output=hide",
    try = {} },
}
