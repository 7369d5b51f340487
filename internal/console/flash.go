package console

import "net/http"

// flashes are the messages that a page may show after something was done; the
// query's "done" names one. Nothing of the query itself is shown.
var flashes = map[string]flash{
	"key-added":           {"good", "circle-check", "Access key saved", "The secret is sealed and will not be shown again."},
	"key-removed":         {"good", "circle-check", "Access key removed", ""},
	"integration-removed": {"good", "circle-check", "AWS integration removed", "The role is not used any more; you may delete it in AWS. For 24 hours the removal can be undone with windlass integration restore."},
	"integration-saved":   {"good", "circle-check", "Saved", ""},
	"integration-changed": {"calm", "info", "Saved, and the documents changed", "Put the new ones into your role in AWS; verification has started again."},
	"source-saved":        {"good", "circle-check", "Source saved", "Look at the preview, then load it."},
	"source-removed":      {"good", "circle-check", "Source removed", "What it loaded stays."},
	"token-revoked":       {"good", "circle-check", "Token revoked", "Whoever used it is locked out."},
	"provider-added":      {"good", "circle-check", "Provider added", "Its tokens are believed; a grant says what they are good for."},
	"grant-added":         {"good", "circle-check", "Grant added", "It counts for the next token."},
	"fault-set":           {"warn", "zap", "The fault is in force", "Calls that it is for go wrong from now on."},
	"fault-mended":        {"good", "circle-check", "Mended", ""},
	"password-changed":    {"good", "circle-check", "Password changed", "Your other sessions have ended."},
	"identity-connected":  {"good", "circle-check", "Identity connected", "Sign in with it from now on."},
	"identity-removed":    {"good", "circle-check", "Identity disconnected", ""},
	"load-cancelled":      {"", "ban", "The load is being cancelled", "Nothing of it is kept."},
}

func flashOf(r *http.Request) *flash {
	f, ok := flashes[r.URL.Query().Get("done")]
	if !ok {
		return nil
	}
	return &f
}
