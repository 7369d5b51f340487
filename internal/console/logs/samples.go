package logs

import (
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/security"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page { return append(auditSamples(), securitySamples()...) }

func auditSamples() []sample.Page {
	return []sample.Page{
		sample.New("audit-empty", "logs/audit", &auditPage{
			Frame:  sample.Frame("Audit log", "/audit"),
			Filter: view.AuditFilter{Actor: "nobody"},
		}),
		sample.New("audit-broken", "logs/audit", &auditPage{
			Frame: sample.Frame("Audit log", "/audit"),
			Chain: viewChain(audit.Report{
				Entries: 41, Head: audit.Head{Seq: 41, Hash: strings.Repeat("9f86d081", 8)},
				Break: &audit.Break{Seq: 42, Reason: "Its hash doesn’t match its content."},
			}),
		}),
		sample.New("audit", "logs/audit", &auditPage{
			Frame: sample.Frame("Audit log", "/audit"),
			Chain: viewChain(audit.Report{Entries: 3, Head: audit.Head{Seq: 3, Hash: strings.Repeat("9f86d081", 8)}}),
			Kinds: []string{"integration"}, Actions: []string{"integration.create", "integration.verify"},
			Next: "?cursor=x", Entries: []view.Entry{
				{
					Time: sample.Time, Actor: "ada@example.com", ActorPath: "?actor=mem_1", Kind: "member",
					Address: "127.0.0.1", Action: "integration.verify", Resource: "int_01kjq7m2r5x8v3n6p9t4w0y1za",
					ResourcePath: "?resource=int_1", Outcome: "allowed",
					Reason: "Members with the role owner may do it.", Seq: 3,
					RequestID:     "req_01kjq7m2r5x8v3n6p9t4w0y1zb",
					AWSRequestIDs: []string{"7c2f9a52-0a34-4a63-9d25-2f4a2e7fb001"},
				},
				{
					Time: sample.Time.Add(-time.Minute), Actor: "dashboard", ActorPath: "?actor=tok_1",
					Kind:    "publishable",
					Address: "127.0.0.1", Action: "data.write", Resource: "dataset", Outcome: "denied",
					Reason: "A publishable token can do what its scopes allow.",
				},
				{
					Time: sample.Time.Add(-time.Hour), Actor: "doctor", Kind: "system", Action: "integration.verify",
					Resource: "int_01kjq7m2r5x8v3n6p9t4w0y1za", Outcome: "done", Reason: "It changed from verified " +
						"to failing.",
				},
			},
		}),
	}
}

func securitySamples() []sample.Page {
	return []sample.Page{
		sample.New("security", "logs/security", &securityPage{
			Frame: sample.Frame("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Entries: sampleSecurity(), Next: "/security?cursor=x",
		}),
		sample.New("security-all", "logs/security", &securityPage{
			Frame: sample.Frame("Security", "/security"),
			Kinds: security.Kinds(), Operator: true, Filter: securityFilter{Kind: "signin.failed", Instance: true},
			Entries: sampleSecurity(),
		}),
		sample.New("security-empty", "logs/security", &securityPage{
			Frame: sample.Frame("Security", "/security"),
			Kinds: security.Kinds(),
		}),
	}
}

func sampleSecurity() []securityView {
	entry := func(seq int64, kind security.Kind, address, subject, reason string, count int64) securityView {
		return viewSecurity(security.Entry{
			Seq: seq, Kind: kind, Address: address, Subject: subject, Workspace: "ws_01kjq7m2r5x8v3n6p9t4w0y1za",
			Reason: reason,
			Count:  count, First: sample.Time.Add(-8 * time.Minute), Last: sample.Time,
			RequestID: "req_01kjq7m2r5x8v3n6p9t4w0y1za",
		}, securityFilter{})
	}
	return []securityView{
		entry(41, security.SignInFailed, "203.0.113.7", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The password is wrong.",
			1234),
		entry(40, security.TokenUnknown, "2001:db8:85a3:1::/64", "", "The token is unknown.", 1),
		entry(39, security.SignInLimited, security.Many, "", "Too many failed attempts.", 120_000),
		entry(38, security.SignInSucceeded, "198.51.100.9", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The member signed in.",
			1),
		entry(37, security.RoleChanged, "", "mem_01kjq7m2r5x8v3n6p9t4w0y1za", "The role changed from editor to admin.",
			1),
	}
}
