package page

// flashes are the messages that a page may show after an action; the
// query parameter "done" selects one. No text of the query itself is shown.
var flashes = map[string]Flash{
	"provider-added": {
		"good", "circle-check", "Provider added",
		"Windlass accepts its tokens. Add a grant to give them credentials.",
	},
	"grant-added":        {"good", "circle-check", "Grant added", "It applies to the next token."},
	"password-changed":   {"good", "circle-check", "Password changed", "Your other sessions have ended."},
	"identity-connected": {"good", "circle-check", "Identity connected", "Use it the next time you sign in."},
	"identity-removed":   {"good", "circle-check", "Identity disconnected", ""},
	"session-ended":      {"good", "circle-check", "Session ended", ""},
	"signed-out":         {"good", "circle-check", "Signed out everywhere else", "Only this session is still active."},
	"key-added": {
		"good", "circle-check", "Access key saved",
		"The secret is sealed and won’t be shown again.",
	},
	"key-removed": {"good", "circle-check", "Access key removed", ""},
	"integration-removed": {
		"good", "circle-check", "AWS integration removed",
		"Windlass no longer uses the role, so you can delete it in AWS. You can restore the integration for 24 " +
			"hours, below.",
	},
	"integration-restored": {
		"good", "circle-check", "AWS integration restored",
		"Windlass is verifying it again before using it.",
	},
	"integration-disabled": {
		"", "ban", "AWS integration disabled",
		"Windlass doesn’t load or vend anything through it until you enable it again.",
	},
	"integration-enabled": {
		"good", "circle-check", "AWS integration enabled",
		"Windlass is verifying it before using it.",
	},
	"rotation-started": {
		"calm", "info", "New External ID created",
		"Update the role with the trust policy below, which accepts both External IDs. Then switch to the new one. " +
			"The old one stays in use until you do.",
	},
	"rotation-completed": {
		"good", "circle-check", "New External ID in use",
		"Update the role with the trust policy below, which accepts only the new External ID.",
	},
	"rotation-abandoned": {
		"", "circle-check", "Rotation abandoned",
		"The old External ID stays in use. Remove the new one from the role’s trust policy.",
	},
	"integration-saved": {"good", "circle-check", "Saved", ""},
	"integration-changed": {
		"calm", "info", "Saved; setup documents changed",
		"Update your role in AWS with the new documents. Windlass is verifying the integration again.",
	},
	"source-saved":            {"good", "circle-check", "Source saved", "Check the preview, then start a load."},
	"schedule-saved":          {"good", "circle-check", "Schedule saved", "The change applies from the next fire time."},
	"schedule-paused":         {"", "ban", "Schedule paused", "Fire times during the pause are skipped."},
	"schedule-resumed":        {"good", "circle-check", "Schedule resumed", ""},
	"schedule-removed":        {"good", "circle-check", "Schedule removed", "Loads that it already started continue."},
	"notification-saved":      {"good", "circle-check", "Notification saved", ""},
	"notification-removed":    {"good", "circle-check", "Notification removed", ""},
	"notification-retried":    {"good", "circle-check", "It is sent again", "The list shows what becomes of it."},
	"notification-tested":     {"good", "circle-check", "Test sent", "It was accepted."},
	"notification-not-tested": {"bad", "circle-x", "The test failed", "The newest delivery has the reason."},
	"node-draining": {
		"calm", "clock", "The node is draining",
		"It claims no more loads within five seconds, and finishes those that it runs.",
	},
	"node-resumed":    {"good", "circle-check", "The node claims loads again", ""},
	"source-removed":  {"good", "circle-check", "Source removed", "Rows that it loaded stay in their datasets."},
	"dataset-removed": {"good", "circle-check", "Dataset deleted", "You can restore it for 24 hours, below."},
	"dataset-saved":   {"good", "circle-check", "Dataset saved", ""},
	"view-created":    {"good", "circle-check", "View saved", "Apps read it at its address, like a dataset."},
	"view-saved":      {"good", "circle-check", "View saved", "Apps get the rows of the new statement."},
	"view-removed":    {"good", "circle-check", "View removed", "Its address answers 404 from now on."},
	"row-saved":       {"good", "circle-check", "Row saved", "Reads return the new values."},
	"row-inserted":    {"good", "circle-check", "Row inserted", "Reads return it."},
	"rows-deleted":    {"good", "circle-check", "Rows deleted", "Reads no longer return them."},
	"schema-changed": {
		"good", "circle-check", "Schema changed",
		"Reads now return rows with the new schema.",
	},
	"schema-unchanged": {"", "info", "Nothing to change", "The schema already matches the form."},
	"dataset-restored": {"good", "circle-check", "Dataset restored", "Its rows are back."},
	"role-changed": {
		"good", "circle-check", "Role changed",
		"The change applies immediately. The member’s sessions have ended.",
	},
	"sessions-ended": {"good", "circle-check", "Sessions ended", "The member must sign in again."},
	"member-removed": {"good", "circle-check", "Member removed", "Their sessions and tokens have ended."},
	"token-adopted": {
		"good", "circle-check", "Token adopted",
		"You are its maker now. The token itself and its scopes don’t change.",
	},
	"token-saved":    {"good", "circle-check", "Token saved", "The change takes effect within 2 seconds."},
	"token-reviewed": {"good", "circle-check", "Token reviewed", "Nothing about it changed."},
	"token-revoked":  {"good", "circle-check", "Token revoked", "Apps that use it now get 401."},
	"fault-set":      {"warn", "zap", "Fault active", "Matching calls fail from now on."},
	"fault-removed":  {"good", "circle-check", "Fault removed", ""},
	"load-cancelled": {"", "ban", "Cancelling the load", "None of its rows are kept."},
}

// FlashOf returns the message for a query's "done", or nil if there is none.
func FlashOf(done string) *Flash {
	f, ok := flashes[done]
	if !ok {
		return nil
	}
	return &f
}
