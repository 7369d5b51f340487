package page

// flashes are the messages that a page may show after something was done; the
// query's "done" names one. Nothing of the query itself is shown.
var flashes = map[string]Flash{
	"provider-added": {
		"good", "circle-check", "Provider added",
		"Its tokens are believed; a grant says what they are good for.",
	},
	"grant-added":        {"good", "circle-check", "Grant added", "It counts for the next token."},
	"password-changed":   {"good", "circle-check", "Password changed", "Your other sessions have ended."},
	"identity-connected": {"good", "circle-check", "Identity connected", "Sign in with it from now on."},
	"identity-removed":   {"good", "circle-check", "Identity disconnected", ""},
	"session-ended":      {"good", "circle-check", "Session ended", ""},
	"signed-out":         {"good", "circle-check", "Signed out everywhere else", "Only this session is left."},
	"key-added": {
		"good", "circle-check", "Access key saved",
		"The secret is sealed and will not be shown again.",
	},
	"key-removed": {"good", "circle-check", "Access key removed", ""},
	"integration-removed": {
		"good", "circle-check", "AWS integration removed",
		"The role is not used any more; you may delete it in AWS. For 24 hours it can be restored, below.",
	},
	"integration-restored": {
		"good", "circle-check", "AWS integration restored",
		"What was proven before is proven again before it is used: verification has started.",
	},
	"integration-disabled": {
		"", "ban", "AWS integration switched off",
		"Nothing is loaded or vended through it until it is switched on again.",
	},
	"integration-enabled": {
		"good", "circle-check", "AWS integration switched on",
		"It is proven again before it is used: verification has started.",
	},
	"rotation-started": {
		"calm", "info", "A new External ID is made",
		"Put the trust policy below, which names both, on the role; then use the new one. Until then the old one stays in use.",
	},
	"rotation-completed": {
		"good", "circle-check", "The new External ID is in use",
		"Put the trust policy below, which names it alone, on the role.",
	},
	"rotation-abandoned": {
		"", "circle-check", "The new External ID is given up",
		"The old one stays in use; take the new one out of the trust policy.",
	},
	"integration-saved": {"good", "circle-check", "Saved", ""},
	"integration-changed": {
		"calm", "info", "Saved, and the documents changed",
		"Put the new ones into your role in AWS; verification has started again.",
	},
	"source-saved":     {"good", "circle-check", "Source saved", "Look at the preview, then load it."},
	"schedule-saved":   {"good", "circle-check", "Schedule saved", "It applies to the fire times from now on."},
	"schedule-paused":  {"", "ban", "Schedule paused", "Fire times of the pause are not made up for."},
	"schedule-resumed": {"good", "circle-check", "Schedule resumed", ""},
	"schedule-removed": {"good", "circle-check", "Schedule removed", "Loads that it started go on."},
	"source-removed":   {"good", "circle-check", "Source removed", "What it loaded stays."},
	"dataset-removed":  {"good", "circle-check", "Dataset deleted", "For 24 hours you can restore it, below."},
	"dataset-saved":    {"good", "circle-check", "Dataset saved", ""},
	"schema-changed": {
		"good", "circle-check", "Schema changed",
		"Readers get the rows under the new schema from now on.",
	},
	"schema-unchanged": {"", "info", "Nothing to change", "The schema is as the form has it."},
	"dataset-restored": {"good", "circle-check", "Dataset restored", "Its rows are back."},
	"role-changed": {
		"good", "circle-check", "Role changed",
		"It counts at once. The member’s sessions have ended.",
	},
	"sessions-ended": {"good", "circle-check", "Sessions ended", "The member has to sign in again."},
	"member-removed": {"good", "circle-check", "Member removed", "Their sessions and tokens have ended."},
	"token-adopted": {
		"good", "circle-check", "Token adopted",
		"You are its maker now. Its text and scopes stay.",
	},
	"token-saved":    {"good", "circle-check", "Token saved", "The change counts within 2 seconds."},
	"token-reviewed": {"good", "circle-check", "Token reviewed", "It stays as it is."},
	"token-revoked":  {"good", "circle-check", "Token revoked", "Apps that use it get 401."},
	"fault-set":      {"warn", "zap", "The fault is in force", "Calls that it is for go wrong from now on."},
	"fault-removed":  {"good", "circle-check", "Fault removed", ""},
	"load-cancelled": {"", "ban", "The load is being cancelled", "Nothing of it is kept."},
}

// FlashOf returns the message that a query's "done" names; nil if there is none.
func FlashOf(done string) *Flash {
	f, ok := flashes[done]
	if !ok {
		return nil
	}
	return &f
}
