package policycase

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// principal reads the caller. Its type may be missing or unknown if the ARN,
// provider or service determines it.
func (d *decoder) principal(p *iam.Principal) error {
	kind := ""
	err := d.object(func(name string) error {
		switch name {
		case "type":
			return d.str(&kind)
		case "arn":
			return d.str(&p.ARN)
		case "role":
			return d.str(&p.RoleARN)
		case "user":
			return d.str(&p.UserARN)
		case "account":
			return d.str(&p.Account)
		case "userId":
			return d.str(&p.UserID)
		case "userName":
			return d.str(&p.UserName)
		case "canonicalId":
			return d.str(&p.CanonicalID)
		case "service":
			return d.str(&p.Service)
		case "provider":
			return d.str(&p.Provider)
		default:
			return d.skip()
		}
	})
	if err != nil {
		return err
	}
	return setType(p, kind)
}

func setType(p *iam.Principal, kind string) error {
	var err error
	if p.Type, err = iam.ParsePrincipalType(kind); err != nil {
		found, unknown := iam.ParsePrincipal(cmp.Or(p.ARN, p.Provider, p.Service))
		switch {
		case unknown == nil:
			p.Type = found.Type
		case kind == "":
			return fmt.Errorf("the principal has no type: %w", unknown)
		default:
			return err
		}
	}
	switch p.Type {
	case iam.User, iam.RoleSession, iam.Root, iam.FederatedUser:
		return completeIdentity(p, kind)
	case iam.Service:
		return required(kind, "service", p.Service)
	case iam.WebIdentity, iam.SAML:
		return required(kind, "provider", p.Provider)
	case iam.Anonymous:
	}
	return nil
}

// completeIdentity sets a missing account from the ARN.
func completeIdentity(p *iam.Principal, kind string) error {
	if fields := strings.SplitN(p.ARN, ":", 6); p.Account == "" && len(fields) == 6 {
		p.Account = fields[4]
	}
	if p.Account == "" {
		return required(kind, "account", "")
	}
	if p.Type == iam.Root {
		return nil
	}
	return required(kind, "arn", p.ARN)
}

func required(kind, name, value string) error {
	if value == "" {
		return fmt.Errorf("a principal of type %q needs %q", kind, name)
	}
	return nil
}
