package doctor_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/s3"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
)

// scene has a victim with a verified integration, and an attacker with their
// own workspace and token in the same Windlass.
type scene struct {
	*doctortest.World
	victim   integration.Integration
	attacker access.Actor
}

const attackerWorkspace = "ws_evil"

func setScene(t *testing.T, options ...doctortest.Option) *scene {
	t.Helper()
	s := &scene{World: doctortest.Start(t, options...)}
	s.attacker = s.OtherWorkspace(t, attackerWorkspace)
	s.victim = s.MustConnect(t, s.MustReserve(t))
	s.Settle()
	if v := s.MustVerify(t, s.victim); v.State != doctor.Verified {
		t.Fatal(describe(v))
	}
	return s
}

// create creates an integration of the attacker.
func (s *scene) create(t *testing.T, draft integration.Draft) (integration.Integration, error) {
	t.Helper()
	return s.Integrations.Create(t.Context(), s.attacker, attackerWorkspace, draft)
}

// tryAll does everything that the attacker can do with their integration: it
// must not become verified, and must not give access.
func (s *scene) tryAll(t *testing.T, i integration.Integration) {
	t.Helper()
	v, err := s.Doctor.Verify(t.Context(), s.attacker, i.Workspace, i.ID, doctor.Order{})
	if err == nil {
		v, err = s.Doctor.Wait(t.Context(), s.attacker, i.Workspace, i.ID, v.ID)
	}
	if err == nil && v.State == doctor.Verified {
		t.Errorf("it is verified:\n%s", describe(v))
	}
	for _, bucket := range []string{doctortest.Bucket, "acme-other"} {
		if reach, err := s.Integrations.Access(t.Context(), s.attacker, i.Workspace, i.ID, bucket); err == nil {
			t.Errorf("it gives access to %s: %+v", bucket, reach)
		}
	}
}

func TestAttackWithAnotherTenantsRole(t *testing.T) {
	t.Parallel()
	for name, attack := range map[string]func(*testing.T, *scene) integration.Draft{
		"the victim's role": func(_ *testing.T, s *scene) integration.Draft {
			return integration.Draft{RoleARN: string(s.victim.RoleARN), Locations: s.victim.Locations}
		},
		"the victim's role, without a location": func(_ *testing.T, s *scene) integration.Draft {
			return integration.Draft{RoleARN: string(s.victim.RoleARN)}
		},
		"the victim's role, for longer": func(_ *testing.T, s *scene) integration.Draft {
			return integration.Draft{
				RoleARN: string(s.victim.RoleARN), Locations: s.victim.Locations,
				SessionLength: assume.MaxDuration,
			}
		},
		"a role that lets anyone in": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open", trust(s.Principal, ""),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role that takes any External ID": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open",
				trust(s.Principal, `,"Condition":{"StringLike":{"sts:ExternalId":"*"}}`),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role that takes none too": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open",
				trust(s.Principal, `,"Condition":{"StringLikeIfExists":{"sts:ExternalId":"*"}}`),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role that looks at the length alone": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open",
				trust(s.Principal, `,"Condition":{"StringLike":{"sts:ExternalId":"`+strings.Repeat("?", 32)+`"}}`),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role that forbids one External ID alone": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open",
				trust(s.Principal, `,"Condition":{"StringNotEquals":{"sts:ExternalId":"0000"}}`),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role that trusts the whole account of Windlass": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open", trust("arn:aws:iam::"+s.AWS.Service.ID+":root", ""),
				policy(listStatement, getStatement))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
		"a role of Windlass's own account": func(t *testing.T, s *scene) integration.Draft {
			role := s.AWS.MustRole(t, s.AWS.Service, "admin", trust(s.Principal, ""),
				policy(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
			return integration.Draft{RoleARN: role, Locations: s.victim.Locations}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setScene(t)
			i, err := s.create(t, attack(t, s))
			if err != nil {
				return // refused at the door
			}
			s.Settle()
			s.tryAll(t, i)
		})
	}
}

// TestAttackWithTheVictimsBucket checks that the attacker's own role, even if
// it trusts Windlass correctly, gives no access to the victim's data.
func TestAttackWithTheVictimsBucket(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	i, err := s.create(t, integration.Draft{Locations: s.victim.Locations})
	if err != nil {
		t.Fatal(err)
	}
	documents, err := i.Documents()
	if err != nil {
		t.Fatal(err)
	}
	// The attacker's own account is played by the service's.
	role := s.AWS.MustRole(t, s.AWS.Service, "mine", string(documents.Trust), string(documents.Permission))
	if _, err := s.Integrations.Update(t.Context(), s.attacker, attackerWorkspace, i.ID,
		integration.Change{RoleARN: &role}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	s.tryAll(t, i)
}

func TestAttackWithAChosenExternalID(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	mine, err := s.create(t, integration.Draft{Name: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]string{
		"the victim's": string(s.victim.ExternalID), "a word": "tenant-1", "a wildcard": "*",
		"the same again": string(mine.ExternalID), "a space": " ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if i, err := s.create(t, integration.Draft{ExternalID: id}); !problem.Is(err, problem.Invalid) {
				t.Errorf("it was taken: %s, %v", i.ExternalID, err)
			}
			if i, err := s.Integrations.Update(t.Context(), s.attacker, attackerWorkspace, mine.ID,
				integration.Change{ExternalID: id}); !problem.Is(err, problem.Invalid) {
				t.Errorf("it was taken in an edit: %s, %v", i.Integration.ExternalID, err)
			}
		})
	}
}

func TestAttackWithAnARN(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	victim := string(s.victim.RoleARN)
	for name, arn := range map[string]string{
		"of a user":             "arn:aws:iam::222222222222:user/ann",
		"of an account":         "arn:aws:iam::222222222222:root",
		"of a session":          "arn:aws:sts::222222222222:assumed-role/reader/x",
		"of a policy":           "arn:aws:iam::222222222222:policy/reader",
		"of a provider":         "arn:aws:iam::222222222222:oidc-provider/example.com",
		"of a bucket":           "arn:aws:s3:::acme-data",
		"of another partition":  strings.Replace(victim, "arn:aws:", "arn:aws-cn:", 1),
		"of no partition":       strings.Replace(victim, "arn:aws:", "arn::", 1),
		"in a region":           strings.Replace(victim, "iam::", "iam:us-east-1:", 1),
		"with a wildcard":       "arn:aws:iam::222222222222:role/*",
		"with any account":      "arn:aws:iam::*:role/reader",
		"with a variable":       "arn:aws:iam::222222222222:role/${aws:username}",
		"with a path that ends": victim + "/",
		"with two slashes":      strings.Replace(victim, "role/", "role//", 1),
		"twice":                 victim + "," + victim,
		"with a line feed":      victim + "\n",
		"with a null byte":      victim + "\x00",
		"with white space":      " " + victim,
		"with a wide letter":    strings.Replace(victim, "reader", "ｒeader", 1),
		"with a parameter":      victim + "?x=y",
		"that is too long":      victim + strings.Repeat("r", 3000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if i, err := s.create(t, integration.Draft{RoleARN: arn}); !problem.Is(err, problem.Invalid) {
				t.Errorf("it was taken for the role %s: %v", i.RoleARN, err)
			}
		})
	}
}

func TestAttackWithALocation(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	for name, l := range map[string]object.Location{
		"up":                         {Bucket: "acme-data", Prefix: "daily/../"},
		"up from the start":          {Bucket: "acme-data", Prefix: "../acme-data/"},
		"here":                       {Bucket: "acme-data", Prefix: "./"},
		"nothing between":            {Bucket: "acme-data", Prefix: "daily//"},
		"from the root":              {Bucket: "acme-data", Prefix: "/"},
		"a star":                     {Bucket: "acme-data", Prefix: "*"},
		"a question mark":            {Bucket: "acme-data", Prefix: "dail?/"},
		"a variable":                 {Bucket: "acme-data", Prefix: "${aws:PrincipalTag/x}/"},
		"a dollar":                   {Bucket: "acme-data", Prefix: "$/"},
		"a null byte":                {Bucket: "acme-data", Prefix: "daily\x00/"},
		"a line feed":                {Bucket: "acme-data", Prefix: "daily\n/"},
		"what is not seen":           {Bucket: "acme-data", Prefix: "daily\u200b/"},
		"what is written backwards":  {Bucket: "acme-data", Prefix: "\u202eyliad/"},
		"two spellings":              {Bucket: "acme-data", Prefix: "e\u0301/"},
		"no UTF-8":                   {Bucket: "acme-data", Prefix: "\xc3\x28/"},
		"a bucket with a key":        {Bucket: "acme-data/private"},
		"a bucket with an escape":    {Bucket: "acme-data%2fprivate"},
		"a bucket with a query":      {Bucket: "acme-data?list-type=2"},
		"a bucket with a fragment":   {Bucket: "acme-data#"},
		"a bucket with a host":       {Bucket: "evil.example@acme-data"},
		"a bucket with a port":       {Bucket: "acme-data:80"},
		"a bucket that climbs":       {Bucket: "acme..data"},
		"a bucket that is an ARN":    {Bucket: "arn:aws:s3:::acme-data"},
		"a bucket that is a star":    {Bucket: "acme-*"},
		"a bucket that is an IP":     {Bucket: "127.0.0.1"},
		"a bucket in capitals":       {Bucket: "ACME-DATA"},
		"an access point's alias":    {Bucket: "acme-data-s3alias"},
		"a bucket with a null byte":  {Bucket: "acme-data\x00"},
		"a bucket with a wide digit": {Bucket: "acme-data１"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if i, err := s.create(t, integration.Draft{Locations: []object.Location{l}}); !problem.Is(err,
				problem.Invalid) {
				t.Errorf("it was taken for %v: %v", i.Locations, err)
			}
			locations := []object.Location{l}
			if i, err := s.Integrations.Update(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
				integration.Change{Locations: &locations}); !problem.Is(err, problem.Invalid) {
				t.Errorf("it was taken in an edit for %v: %v", i.Integration.Locations, err)
			}
			if reach, err := s.Integrations.Access(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
				l.Bucket); l.Bucket != doctortest.Bucket && !problem.Is(err, problem.Forbidden) {
				t.Errorf("the bucket gives access to %+v: %v", reach, err)
			}
		})
	}
}

// TestAttackWithAQuote checks that names with the syntax of policies don't
// give more access.
func TestAttackWithAQuote(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	for _, prefix := range []string{
		`a","b/`, `a"]},{"Effect":"Allow/`, `a\/`, `a\u002a/`, `<script>/`,
		"a'; rm -rf ./x/", "{{.}}/",
	} {
		t.Run(prefix, func(t *testing.T) {
			t.Parallel()
			i, err := s.create(t, integration.Draft{Locations: []object.Location{{
				Bucket: "acme-data",
				Prefix: prefix,
			}}})
			if err != nil {
				return // refused at the door
			}
			documents, err := i.Documents()
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := iam.Parse(iam.Identity, documents.Permission)
			if err != nil {
				t.Fatal(err)
			}
			compiled, err := iam.Compile(parsed)
			if err != nil {
				t.Fatal(err)
			}
			for _, resource := range []string{
				"arn:aws:s3:::acme-data/private/x", "arn:aws:s3:::acme-data/a/x",
				"arn:aws:s3:::acme-data/b/x", "arn:aws:s3:::other/x",
			} {
				request := &iam.Request{
					Principal: iam.Principal{
						Type: iam.User,
						ARN:  "arn:aws:iam::222222222222:user/x", Account: "222222222222",
					}, Action: "s3:GetObject",
					Resource: resource, ResourceAccount: "222222222222",
				}
				if iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, request).Allowed() {
					t.Errorf("the policy for %q opens %s:\n%s", prefix, resource, documents.Permission)
				}
			}
		})
	}
}

// TestAttackWithAKey checks that the access of a load doesn't include keys
// outside the location, even if the role allows them.
func TestAttackWithAKey(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	s.MustPolicy(t, "too-much", policy(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`))
	reach, err := s.Integrations.Access(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID, doctortest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	bucket := s3.Open(reach, s3.Config{Attempts: 1})
	for name, key := range map[string]string{
		"beside it":             "private/salaries.csv",
		"up":                    "daily/../private/salaries.csv",
		"up twice":              "daily/x/../../private/salaries.csv",
		"here and up":           "daily/./../private/salaries.csv",
		"with an empty segment": "daily//../private/salaries.csv",
		"from the root":         "/private/salaries.csv",
		"a longer name":         "daily-private/salaries.csv",
		"without its slash":     "daily",
		"in capitals":           "Daily/prices.csv",
		"nothing":               "",
		"the root of another":   "../acme-other/x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if body, _, err := bucket.Read(t.Context(), key, object.ReadOptions{}); err == nil {
				text, _ := io.ReadAll(body)
				t.Errorf("%q was read: %q", key, text)
			}
			if found, err := bucket.List(t.Context(), key, "", 10); err == nil {
				t.Errorf("%q was listed: %+v", key, found)
			}
			if bucket.Put(t.Context(), key, nil) == nil || bucket.Delete(t.Context(), key) == nil {
				t.Errorf("%q was written or deleted", key)
			}
		})
	}
}

func TestAttackOnAnotherWorkspace(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	nowhere := "int_00000000000000000000000000"
	for name, act := range map[string]func(workspace, id string) error{
		"get": func(w, id string) error { _, err := s.Integrations.Get(t.Context(), s.attacker, w, id); return err },
		"use": func(w, id string) error {
			_, err := s.Integrations.Access(t.Context(), s.attacker, w, id, doctortest.Bucket)
			return err
		},
		"verify": func(w, id string) error {
			_, err := s.Doctor.Verify(t.Context(), s.attacker, w, id, doctor.Order{})
			return err
		},
		"edit": func(w, id string) error {
			_, err := s.Integrations.Update(t.Context(), s.attacker, w, id, integration.Change{})
			return err
		},
		"rotate": func(w, id string) error {
			_, err := s.Integrations.Rotate(t.Context(), s.attacker, w,
				id)
			return err
		},
		"remove": func(w, id string) error {
			_, err := s.Integrations.Remove(t.Context(), s.attacker, w, id, impact.Waived())
			return err
		},
		"restore": func(w, id string) error {
			_, err := s.Integrations.Restore(t.Context(), s.attacker, w,
				id)
			return err
		},
		"setup": func(w, id string) error {
			_, err := s.Integrations.Setup(t.Context(), s.attacker, w, id, "json")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workspace := range []string{attackerWorkspace, doctortest.Workspace} {
				there, missing := act(workspace, s.victim.ID), act(workspace, nowhere)
				if !problem.Is(there, problem.NotFound) || strings.ReplaceAll(there.Error(), s.victim.ID,
					nowhere) != missing.Error() {
					t.Errorf("in %s: %v, and for what does not exist: %v", workspace, there, missing)
				}
			}
		})
	}
	if got := s.MustGet(t, s.victim); got.State != integration.Verified || got.NextExternalID != "" {
		t.Errorf("the victim's is now %+v", got)
	}
}

// TestAttackWithAName checks that an integration with the victim's ID as its
// name isn't confused with the victim's.
func TestAttackWithAName(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	mine, err := s.create(t, integration.Draft{Name: s.victim.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Integrations.Get(t.Context(), s.attacker, attackerWorkspace, s.victim.ID); err == nil {
		t.Errorf("the victim's ID gives the attacker %s", got.ID)
	}
	if got, err := s.Integrations.Get(t.Context(), s.attacker, attackerWorkspace, mine.ID); err != nil ||
		got.ExternalID == s.victim.ExternalID {
		t.Errorf("got %+v, %v", got, err)
	}
}

// TestAttackWithAReplay checks that a proof for one integration can't be used
// for another.
func TestAttackWithAReplay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *scene) integration.Change{
		"another role": func(t *testing.T, s *scene) integration.Change {
			role := s.AWS.MustRole(t, s.AWS.Customer, "open", trust(s.Principal, ""),
				policy(listStatement, getStatement))
			return integration.Change{RoleARN: &role}
		},
		"another location": func(_ *testing.T, _ *scene) integration.Change {
			return integration.Change{Locations: &[]object.Location{{Bucket: doctortest.Bucket, Prefix: "private/"}}}
		},
		"the whole bucket": func(_ *testing.T, _ *scene) integration.Change {
			return integration.Change{Locations: &[]object.Location{{Bucket: doctortest.Bucket}}}
		},
		"another endpoint": func(_ *testing.T, _ *scene) integration.Change {
			endpoint := "https://s3.evil.example"
			return integration.Change{Endpoint: &endpoint}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setScene(t)
			before, err := s.Integrations.Access(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
				doctortest.Bucket)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Integrations.Update(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
				change(t, s)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Integrations.Access(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
				doctortest.Bucket); !problem.Is(err, problem.Conflict) {
				t.Errorf("what was proven before is used: %v", err)
			}
			if _, err := before.Keys(t.Context()); !problem.Is(err, problem.Conflict) {
				t.Errorf("who had the way in goes on: %v", err)
			}
			old := integration.Verdict{Revision: s.victim.Revision, State: integration.Verified}
			if after, _, err := s.Integrations.Conclude(t.Context(), doctortest.Workspace, s.victim.ID,
				old); err != nil || after.State == integration.Verified {
				t.Errorf("a verdict on what was before makes it %s, %v", after.State, err)
			}
		})
	}
}

func TestAttackWithAnEndpoint(t *testing.T) {
	t.Parallel()
	s := setScene(t, func(p *doctortest.Parts) { p.Integration.Endpoints = dial.Policy{} })
	for _, endpoint := range []string{
		"http://s3.example.com", "https://169.254.169.254", "https://[fd00:ec2::254]", "https://127.0.0.1",
		"https://[::1]", "https://localhost",
		"https://0.0.0.0", "https://10.0.0.1", "https://192.168.1.1", "https://100.100.100.200", "https://2130706433",
		"https://0x7f000001", "https://127.1",
		"https://metadata.google.internal", "https://windlass", "https://[::ffff:127.0.0.1]",
		"https://s3.example.com@127.0.0.1", "file:///etc/passwd",
		"https://s3.example.com/../", "https://s3.example.com?x", "gopher://s3.example.com", "https://",
		"s3.example.com", "https://a.localhost.",
	} {
		t.Run(endpoint, func(t *testing.T) {
			t.Parallel()
			if i, err := s.create(t, integration.Draft{Endpoint: endpoint}); !problem.Is(err, problem.Invalid) {
				t.Errorf("it was taken for %s: %v", i.Endpoint, err)
			}
		})
	}
}

// TestAttackByTheServiceItself checks that parts of Windlass with other tasks
// get no keys, and that the probes give out none.
func TestAttackByTheServiceItself(t *testing.T) {
	t.Parallel()
	s := setScene(t)
	for _, part := range []string{access.Scheduler, "nobody", ""} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			actor := access.Actor{Kind: access.System, ID: part}
			if _, err := s.Integrations.Access(t.Context(), actor, doctortest.Workspace, s.victim.ID,
				doctortest.Bucket); !problem.Is(err, problem.Forbidden) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("without an External ID", func(t *testing.T) {
		t.Parallel()
		request := assume.Request{Integration: s.victim.ID, RoleARN: s.victim.RoleARN, Purpose: "load"}
		if _, err := s.Roles.Assume(context.WithoutCancel(t.Context()), request); !problem.Is(err, problem.Invalid) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when the audit cannot record", func(t *testing.T) {
		t.Parallel()
		checker := access.NewChecker(deaf{}, s.Now)
		service := integration.New(integration.Config{Checker: checker, Store: s.Store, Roles: s.Roles, Now: s.Now})
		if _, err := service.Access(t.Context(), s.Actor, doctortest.Workspace, s.victim.ID,
			doctortest.Bucket); !problem.Is(err, problem.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// deaf records nothing.
type deaf struct{}

func (deaf) Record(context.Context, access.Decision) error { return errors.New("the disk is full") }
