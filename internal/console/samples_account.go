package console

// accountSamples returns the pages in each of their states.
func accountSamples() []fixture {
	return []fixture{
		sampleOf("account", "account", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "owner", Password: true, OpenID: "Example ID",
			Identity: "248289761001 at https://id.example.com", Sessions: fixtureSessions(),
		}),
		sampleOf("identity-connect", "identity_connect", &identityConnectPage{
			shell: shellOf("Connect an identity", "/account", crumb{"Your account", "/account"},
				crumb{Name: "Connect an identity"}), OpenID: "Example ID", Issuer: "https://id.example.com",
			Subject: "248289761001", Connected: "7f3a at https://id.example.com",
		}),
		sampleOf("account-new", "account", &accountPage{
			shell: shellOf("Your account", "/account"),
			Email: "ada@example.com", Role: "user", OpenID: "Example ID", Fresh: true, Sessions: fixtureSessions()[:1],
			Created: &createdToken{"laptop", "mk_0123456789abcdef0123456789abcdef"},
		}),
	}
}
