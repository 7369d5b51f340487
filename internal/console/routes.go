package console

import "net/http"

// routes is the table of contents.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	signedIn := func(pattern string, handle handler) { mux.HandleFunc(pattern, c.signedIn(handle)) }

	mux.HandleFunc("GET /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-in", c.signInPassword)
	mux.HandleFunc("GET /sign-in/link/{token}", c.signInLink)
	mux.HandleFunc("POST /sign-in/link", c.signInRedeem)
	mux.HandleFunc("POST /sign-out", c.signOut)
	mux.HandleFunc("POST /theme", c.setTheme)
	mux.HandleFunc("/", c.noPage)

	signedIn("GET /sources/credentials", c.credentials)

	signedIn("GET /sources/credentials/new", c.credentialNew)
	signedIn("POST /sources/credentials/new", c.credentialAdd)
	signedIn("GET /sources/credentials/{id}/remove", c.credentialRemove)
	signedIn("POST /sources/credentials/{id}/remove", c.credentialRemoved)

	signedIn("GET /sources/integrations/new", c.integrationNew)
	signedIn("POST /sources/integrations/new", c.integrationCreate)
	signedIn("POST /sources/integrations/role-arn", c.integrationRoleARN)
	signedIn("GET /sources/integrations/{id}", c.integration)
	signedIn("GET /sources/integrations/{id}/added", c.integrationAdded)
	signedIn("GET /sources/integrations/{id}/edit", c.integrationEdit)
	signedIn("POST /sources/integrations/{id}/edit", c.integrationUpdate)
	signedIn("GET /sources/integrations/{id}/setup/{format}", c.integrationSetup)
	signedIn("GET /sources/integrations/{id}/remove", c.integrationRemove)
	signedIn("POST /sources/integrations/{id}/remove", c.integrationRemoved)

	signedIn("POST /sources/integrations/{id}/verifications", c.verify)
	signedIn("GET /sources/integrations/{id}/verifications/{verification}/events", c.verificationEvents)

	signedIn("GET /datasets", c.datasets)

	signedIn("GET /tokens", c.tokens)
	signedIn("POST /tokens", c.tokenCreate)
	signedIn("POST /tokens/{id}/revoke", c.tokenRevoke)

	signedIn("GET /audit", c.audit)

	all := http.NewServeMux()
	all.Handle("GET /static/{name}", c.assets)
	all.Handle("/", c.sessions.LoadAndSave(mux))
	return all
}
