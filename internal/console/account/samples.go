package account

import (
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	return []sample.Page{
		sample.New("account", "account/account", &accountPage{
			Frame: sample.Frame("Your account", "/account"),
			Email: "ada@example.com", Role: "owner", Password: true, OpenID: "Example ID",
			Identity: "248289761001 at https://id.example.com", Sessions: sample.Browsers(),
		}),
		sample.New("identity-connect", "account/identity", &identityConnectPage{
			Frame: sample.Frame("Connect an identity", "/account", page.Crumb{Name: "Your account", Path: "/account"},
				page.Crumb{Name: "Connect an identity"}), OpenID: "Example ID", Issuer: "https://id.example.com",
			Subject: "248289761001", Connected: "7f3a at https://id.example.com",
		}),
		sample.New("account-new", "account/account", &accountPage{
			Frame: sample.Frame("Your account", "/account"),
			Email: "ada@example.com", Role: "user", OpenID: "Example ID", Fresh: true, Sessions: sample.Browsers()[:1],
			Created: &view.CreatedToken{Name: "laptop", Value: "mk_0123456789abcdef0123456789abcdef"},
		}),
	}
}
