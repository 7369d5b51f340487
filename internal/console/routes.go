package console

import "net/http"

// routes is the table of contents.
func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	signedIn := func(pattern string, handle handler) { mux.HandleFunc(pattern, c.signedIn(handle)) }

	mux.HandleFunc("GET /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-in", c.form(c.signInPassword))
	mux.HandleFunc("GET /sign-in/link/{token}", c.signInLink)
	mux.HandleFunc("POST /sign-in/link", c.form(c.signInRedeem))
	mux.HandleFunc("GET /sign-in/openid", c.openIDBegin)
	mux.HandleFunc("GET /sign-in/callback", c.openIDReturn)
	mux.HandleFunc("POST /sign-out", c.signOut)
	mux.HandleFunc("POST /theme", c.form(c.setTheme))
	mux.HandleFunc("/", c.noPage)

	signedIn("GET /{$}", c.home)

	signedIn("GET /sources/credentials", c.credentials)

	signedIn("GET /sources/credentials/new", c.credentialNew)
	signedIn("POST /sources/credentials/new", c.credentialAdd)
	signedIn("GET /sources/credentials/{id}", c.credential)
	signedIn("POST /sources/credentials/{id}/verification", c.credentialVerify)
	signedIn("GET /sources/credentials/{id}/remove", c.asks(c.credentialRemoval))
	signedIn("POST /sources/credentials/{id}/remove", c.removes(c.credentialRemoval))

	signedIn("GET /sources/integrations/new", c.integrationNew)
	signedIn("POST /sources/integrations/new", c.integrationCreate)
	signedIn("POST /sources/integrations/role-arn", c.integrationRoleARN)
	signedIn("POST /sources/integrations/guide", c.integrationGuide)
	signedIn("GET /sources/integrations/{id}", c.integration)
	signedIn("GET /sources/integrations/{id}/added", c.integrationAdded)
	signedIn("GET /sources/integrations/{id}/edit", c.integrationEdit)
	signedIn("POST /sources/integrations/{id}/edit", c.integrationUpdate)
	signedIn("GET /sources/integrations/{id}/setup/{format}", c.integrationSetup)
	signedIn("GET /sources/integrations/{id}/remove", c.asks(c.integrationRemoval))
	signedIn("POST /sources/integrations/{id}/remove", c.removes(c.integrationRemoval))

	signedIn("POST /sources/integrations/{id}/restore", c.integrationRestore)
	signedIn("POST /sources/integrations/{id}/switch", c.integrationSwitch)
	signedIn("POST /sources/integrations/{id}/rotation", c.integrationRotate)
	signedIn("GET /sources/integrations/{id}/rotation/complete", c.asks(c.rotationCompletion))
	signedIn("POST /sources/integrations/{id}/rotation/complete", c.removes(c.rotationCompletion))
	signedIn("GET /sources/integrations/{id}/check", c.integrationCheck)
	signedIn("POST /sources/integrations/{id}/check", c.integrationChecked)

	signedIn("POST /sources/integrations/{id}/verifications", c.verify)
	signedIn("GET /sources/integrations/{id}/verifications/{verification}/report", c.verificationReport)
	signedIn("GET /sources/integrations/{id}/verifications/{verification}/events", c.streams(c.verificationEvents))

	signedIn("GET /sources/data", c.sources)
	signedIn("GET /sources/data/new", c.sourceNew)
	signedIn("POST /sources/data/new", c.sourceCreate)
	signedIn("GET /sources/data/{id}", c.source)
	signedIn("GET /sources/data/{id}/edit", c.sourceEdit)
	signedIn("POST /sources/data/{id}/edit", c.sourceUpdate)
	signedIn("GET /sources/data/{id}/remove", c.asks(c.sourceRemoval))
	signedIn("POST /sources/data/{id}/remove", c.removes(c.sourceRemoval))

	signedIn("POST /sources/data/{id}/loads", c.loadStart)

	signedIn("GET /datasets", c.datasets)
	signedIn("GET /datasets/{name}", c.dataset)
	signedIn("GET /datasets/{name}/remove", c.asks(c.datasetRemoval))
	signedIn("POST /datasets/{name}/remove", c.removes(c.datasetRemoval))
	signedIn("POST /datasets/{name}/restore", c.datasetRestore)

	signedIn("GET /loads", c.loads)
	signedIn("GET /loads/{id}", c.load)
	signedIn("GET /loads/{id}/events", c.streams(c.loadEvents))
	signedIn("GET /loads/{id}/rejects.csv", c.loadRejects)
	signedIn("POST /loads/{id}/cancel", c.loadCancel)

	signedIn("GET /tokens", c.tokens)
	signedIn("GET /tokens/new", c.tokenNew)
	signedIn("POST /tokens/new", c.tokenCreate)
	signedIn("GET /tokens/{id}", c.token)
	signedIn("POST /tokens/{id}", c.tokenChange)
	signedIn("POST /tokens/{id}/reviewed", c.tokenReviewed)
	signedIn("POST /tokens/{id}/adopt", c.tokenAdopt)
	signedIn("GET /tokens/{id}/revoke", c.asks(c.tokenRevocation))
	signedIn("POST /tokens/{id}/revoke", c.removes(c.tokenRevocation))

	signedIn("GET /members", c.members)
	signedIn("GET /members/invite", c.memberInvite)
	signedIn("POST /members/invite", c.memberInvited)
	signedIn("GET /members/{id}", c.member)
	signedIn("POST /members/{id}/role", c.memberRole)
	signedIn("POST /members/{id}/link", c.memberLink)
	signedIn("POST /members/{id}/identity/remove", c.memberUnlink)
	signedIn("POST /members/{id}/sessions/end", c.memberSessionsEnd)
	signedIn("POST /members/{id}/sessions/{session}/end", c.memberSessionEnd)
	signedIn("GET /members/{id}/remove", c.memberRemove)
	signedIn("POST /members/{id}/remove", c.memberRemoved)
	signedIn("POST /members/{id}/tokens/{token}/adopt", c.memberTokenAdopt)

	signedIn("GET /login", c.login)
	signedIn("POST /login", c.loginAnswer)
	signedIn("GET /login/command", c.loginCommand)
	signedIn("POST /login/command", c.loginCommandAnswer)

	signedIn("GET /account", c.account)
	signedIn("POST /account/password", c.accountPassword)
	signedIn("POST /account/identity", c.accountIdentity)
	signedIn("GET /account/identity", c.accountIdentityFound)
	signedIn("POST /account/identity/connect", c.accountIdentityConnect)
	signedIn("POST /account/identity/remove", c.accountDisconnect)
	signedIn("POST /account/sessions/end", c.accountSignOut)
	signedIn("POST /account/sessions/{id}/end", c.accountSessionEnd)
	signedIn("POST /account/tokens", c.accountToken)

	signedIn("GET /audit", c.audit)
	signedIn("GET /audit/export", c.auditExport)
	signedIn("POST /audit/verification", c.auditVerify)
	signedIn("GET /security", c.security)
	signedIn("GET /identity", c.identity)

	signedIn("GET /ci", c.ci)
	signedIn("GET /ci/access", c.ciAccess)
	signedIn("POST /ci/access", c.providerAdd)
	signedIn("GET /ci/grants/new", c.grantNew)
	signedIn("POST /ci/grants/new", c.grantCreate)
	signedIn("GET /ci/revoke/{kind}/{id}", c.revoke)
	signedIn("POST /ci/revoke/{kind}/{id}", c.revoked)
	signedIn("GET /ci/explain", c.explain)
	signedIn("POST /ci/explain", c.explained)
	signedIn("GET /ci/reach", c.ciReach)

	signedIn("GET /policies", c.policies)
	signedIn("POST /policies", c.policiesJudge)
	signedIn("GET /policies/least", c.policiesLeast)

	if c.config.Sandbox != nil {
		signedIn("GET /sandbox", c.sandbox)
		signedIn("GET /sandbox/events", c.streams(c.sandboxEvents))
		signedIn("GET /sandbox/calls/{sequence}", c.sandboxCall)
		signedIn("POST /sandbox/faults", c.sandboxBreak)
		signedIn("POST /sandbox/faults/{id}/remove", c.sandboxRemoveFault)
	}

	all := http.NewServeMux()
	all.Handle("GET /static/{name}", c.assets)
	all.Handle("/", c.sessions.LoadAndSave(mux))
	return all
}
