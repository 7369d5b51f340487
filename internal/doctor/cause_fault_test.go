package doctor_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/sandbox/fault"
	"github.com/windlass-io/windlass/internal/testkit/doctortest"
	"github.com/windlass-io/windlass/sandboxtest"
)

// wayCauses has the causes in Windlass itself or on its way to AWS. Each
// setup is really broken: by another server at the address, by a fault of the
// sandbox, or by a policy.
var wayCauses = map[string]cause{
	"STS: nobody is at the address": {
		ail: func(p *patient) {
			gone := httptest.NewServer(http.NotFoundHandler())
			gone.Close()
			p.detour(toSTS, gone.URL)
		},
		check: doctor.CodeIdentity, cause: doctor.CauseUnreachable, says: "can't reach AWS STS", repair: recovered,
	},
	"STS: the connection breaks": {
		ail:   broken(fault.Fault{Kind: fault.Cut, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseUnreachable, says: "can't reach AWS STS", repair: recovered,
	},
	"STS: the connection breaks half way": {
		ail:   broken(fault.Fault{Kind: fault.Cut, Bytes: 120, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseUnreachable, says: "can't reach AWS STS", repair: recovered,
	},
	"STS: out of order": {
		ail:   broken(fault.Fault{Kind: fault.Internal, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, cause: doctor.CauseUnreachable, says: "has an internal error", repair: recovered,
	},
	"STS: out of order at AssumeRole alone": {
		ail:   broken(fault.Fault{Kind: fault.Unavailable, Match: fault.Match{Service: "sts", Action: "AssumeRole"}}),
		check: doctor.CodeAssume, cause: doctor.CauseUnreachable, says: "has an internal error", repair: recovered,
	},
	"STS: another service is at the address": {
		ail:   func(p *patient) { p.detour(toSTS, website(p.T)) },
		check: doctor.CodeIdentity, cause: doctor.CauseWrongEndpoint, says: "belongs to another service",
		repair: recovered,
	},
	"STS: another AWS is at the address": {
		ail:   func(p *patient) { p.detour(toSTS, store(p.T)) },
		check: doctor.CodeIdentity, cause: doctor.CauseOwnKeys, says: "another AWS", repair: recovered,
	},
	"ours: the clock is slow, and no answer says by how much": {
		ail: func(p *patient) {
			p.AWS.MustFault(p.T, fault.Fault{
				Kind: fault.Skew, Delay: 20 * time.Minute,
				Match: fault.Match{Service: "sts"},
			})
			p.undated()
		},
		check: doctor.CodeIdentity, cause: doctor.CauseClockSkew, repair: recovered,
	},
	"ours: the clock is fast, and no answer says by how much": {
		ail: func(p *patient) {
			p.AWS.MustFault(p.T, fault.Fault{
				Kind: fault.Skew, Delay: -20 * time.Minute,
				Match: fault.Match{Service: "sts"},
			})
			p.undated()
		},
		check: doctor.CodeIdentity, cause: doctor.CauseClockSkew, repair: recovered,
	},
	"ours: the clock is wrong, and AWS's answer says by how much": {
		ail:   broken(fault.Fault{Kind: fault.Skew, Delay: 20 * time.Minute, Match: fault.Match{Service: "sts"}}),
		check: doctor.CodeIdentity, status: doctor.Warn, cause: doctor.CauseClockSkew, state: doctor.Verified,
		repair: recovered,
	},
	"ours: the clock is wrong for S3": {
		ail: func(p *patient) {
			p.AWS.MustFault(p.T, fault.Fault{
				Kind: fault.Skew, Delay: 20 * time.Minute,
				Match: fault.Match{Service: "s3", Principal: customerRole},
			})
			p.undated()
		},
		check: doctor.CodeList, cause: doctor.CauseClockSkew, repair: recovered,
	},
	// AWS's own text, because the sandbox names no policy for AssumeRole.
	"ours: our own policy, and AWS says so": {
		ail: failing(func(r *http.Request) bool { return toSTS(r) && !asks(r, "GetCallerIdentity") }, 403,
			stsError("AccessDenied", "User: arn:aws:iam::111111111111:user/windlass is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/reader because no identity-based policy allows the sts:AssumeRole action")),
		check: doctor.CodeAssume, cause: doctor.CauseOwnPolicy, says: "own AWS policy", repair: recovered,
	},
	"ours: our own policy, and AWS does not tell another account": {
		ail:   func(p *patient) { p.ownPolicy("Deny") },
		check: doctor.CodeAssume, cause: doctor.CauseTrustRefuses, says: "AWS doesn't tell another account which",
		repair: func(p *patient, _ *doctor.Fix) { p.ownPolicy("Allow") },
	},
	"S3: the connection breaks at an object": {
		ail: broken(fault.Fault{Kind: fault.Cut, Match: fault.Match{
			Service: "s3", Action: "GetObject",
			Principal: customerRole,
		}}),
		check: doctor.CodeGet, cause: doctor.CauseUnreachable, says: "can't reach Amazon S3", repair: recovered,
	},
	"S3: the connection breaks in a listing": {
		ail: broken(fault.Fault{
			Kind: fault.Cut, Bytes: 150,
			Match: fault.Match{Service: "s3", Action: "ListObjectsV2", Principal: customerRole},
		}),
		check: doctor.CodeRegion, cause: doctor.CauseUnreachable, says: "can't reach Amazon S3", repair: recovered,
	},
	"S3: out of order": {
		ail:   broken(fault.Fault{Kind: fault.Unavailable, Match: fault.Match{Service: "s3", Principal: customerRole}}),
		check: doctor.CodeRegion, cause: doctor.CauseUnreachable, says: "has an internal error", repair: recovered,
	},
	"S3: the session is over before its time": {
		ail:   broken(fault.Fault{Kind: fault.ExpiredSession, Match: fault.Match{Service: "s3"}}),
		check: doctor.CodeRegion, cause: doctor.CauseSessionOver, says: "has already expired", repair: recovered,
	},
	"S3: the endpoint is a web site": {
		draft: func(d *integration.Draft) { d.Endpoint = "http://127.0.0.1:1" }, // set by ail
		ail: func(p *patient) {
			elsewhere := website(p.T)
			p.update(integration.Change{Endpoint: &elsewhere})
			p.Settle()
		},
		check: doctor.CodeRegion, cause: doctor.CauseWrongEndpoint, says: "belongs to another service",
	},
	"S3: the endpoint is another AWS": {
		ail: func(p *patient) {
			elsewhere := store(p.T)
			p.update(integration.Change{Endpoint: &elsewhere})
			p.Settle()
		},
		check: doctor.CodeRegion, cause: doctor.CauseWrongEndpoint, says: "doesn't know the role's credentials",
	},
	"S3: a KMS key that is switched off": {
		ail: func(p *patient) {
			key := p.AWS.MustKey(p.T, p.AWS.Customer, "")
			p.update(integration.Change{KMSKeyARNs: &[]string{key}})
			documents, err := p.i.Documents()
			if err != nil {
				p.Fatal(err)
			}
			p.onlyPolicy("windlass-access", string(documents.Permission))
			p.Settle()
			p.putSealed(key)
			if _, err := p.AWS.KMS(p.AWS.Customer.Keys).DisableKey(p.Context(),
				&kms.DisableKeyInput{KeyId: &key}); err != nil {
				p.Fatal(err)
			}
		},
		check: doctor.CodeGet, cause: doctor.CauseKMSDisabled, says: "can't be used by anyone",
		repair: func(p *patient, _ *doctor.Fix) {
			if _, err := p.AWS.KMS(p.AWS.Customer.Keys).
				EnableKey(p.Context(), &kms.EnableKeyInput{KeyId: &p.i.KMSKeyARNs[0]}); err != nil {
				p.Fatal(err)
			}
		},
	},
	"S3: nobody is at the endpoint": {
		draft: func(d *integration.Draft) { d.Endpoint = "http://127.0.0.1:1" },
		check: doctor.CodeRegion, cause: doctor.CauseUnreachable, says: "can't reach http://127.0.0.1:1",
		repair: func(p *patient, _ *doctor.Fix) {
			p.update(integration.Change{Endpoint: aws.String("")})
		},
	},
}

func TestCauseOnTheWay(t *testing.T) {
	t.Parallel()
	for name, tt := range wayCauses {
		t.Run(name, tt.prove)
	}
}

// website is a server that speaks no API of AWS.
func website(t *testing.T) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<html><body>It works!</body></html>"))
	}))
	t.Cleanup(site.Close)
	return site.URL
}

// store starts another AWS that has none of this one's accounts.
func store(t *testing.T) string {
	t.Helper()
	other := sandboxtest.Start(t)
	other.MustBucket(t, other.Customer.Keys, doctortest.Bucket)
	return other.URL
}

// detour leads calls to another address, as a wrong setting does.
func (p *patient) detour(which func(*http.Request) bool, address string) {
	p.Helper()
	to, err := url.Parse(address)
	if err != nil {
		p.Fatal(err)
	}
	p.Carrier.Fail(func(r *http.Request) (*http.Response, error) {
		if !which(r) {
			return nil, nil //nolint:nilnil // nil: AWS responds
		}
		led := r.Clone(r.Context())
		led.URL.Host = to.Host
		return http.DefaultTransport.RoundTrip(led)
	})
}

// undated removes the date from every response, as some proxies do, so that
// the clock can't be corrected.
func (p *patient) undated() {
	p.Carrier.Fail(func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			response.Header.Del("Date")
		}
		return response, err
	})
}

// ownPolicy returns the service's principal another policy.
func (p *patient) ownPolicy(effect string) {
	p.Helper()
	_, err := p.AWS.IAM(p.AWS.Service.Keys).PutUserPolicy(p.Context(), &iam.PutUserPolicyInput{
		UserName: aws.String("windlass"), PolicyName: aws.String("policy-1"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"` + effect +
			`","Action":"sts:AssumeRole","Resource":"*"}]}`),
	})
	if err != nil {
		p.Fatal(err)
	}
}

// wardrobe provides the credentials that a test chooses.
type wardrobe struct {
	mu   sync.Mutex
	worn aws.Credentials
}

func (w *wardrobe) wear(keys aws.Credentials) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.worn = keys
	w.worn.CanExpire, w.worn.Expires = true, time.Time{}.Add(time.Hour) // nobody keeps them
}

func (w *wardrobe) Retrieve(context.Context) (aws.Credentials, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.worn, nil
}

// TestCauseOfOurs changes the principal that Windlass runs as.
func TestCauseOfOurs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cause
		become func(p *patient) aws.Credentials
		before bool // the principal changes before the integration is created
	}{
		"we act through a role": {
			cause: cause{
				draft: func(d *integration.Draft) { d.SessionLength = 2 * time.Hour },
				ail:   func(p *patient) { p.longSessions() },
				check: doctor.CodeAssume, cause: doctor.CauseRoleChaining, says: "lasts at most an hour",
			},
			become: (*patient).serviceRole, before: true,
		},
		"we are the root user": {
			cause:  cause{check: doctor.CodeIdentity, cause: doctor.CauseOwnRoot, says: "root user"},
			become: func(p *patient) aws.Credentials { return p.AWS.Service.Keys },
		},
		"we are somebody else": {
			cause: cause{check: doctor.CodeIdentity, cause: doctor.CausePrincipal, says: "has changed"},
			become: func(p *patient) aws.Credentials {
				keys, _ := p.AWS.MustUser(p.T, p.AWS.Service, "somebody")
				return keys
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clothes := &wardrobe{}
			p := &patient{T: t}
			p.World = doctortest.Start(t, func(parts *doctortest.Parts) {
				keys, err := parts.Assume.AWS.Credentials.Retrieve(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				clothes.wear(keys)
				parts.Assume.AWS.Credentials = clothes
			})
			if tt.before {
				clothes.wear(tt.become(p))
			}
			drafts := []func(*integration.Draft){}
			if tt.draft != nil {
				drafts = append(drafts, tt.draft)
			}
			p.i = p.MustConnect(t, p.MustReserve(t, drafts...))
			p.Settle()
			if tt.ail != nil {
				tt.ail(p)
			}
			if !tt.before {
				clothes.wear(tt.become(p))
			}
			v := p.MustVerify(t, p.i)
			tt.judge(p, v)
			if t.Failed() {
				t.FailNow()
			}
			if tt.before {
				p.apply(v.Check(tt.check).Fix)
			} else {
				clothes.wear(p.Keys)
			}
			p.Settle()
			if v := p.MustVerify(t, p.i); v.State != doctor.Verified {
				t.Errorf("fixed, it is\n%s", describe(v))
			}
		})
	}
}

// longSessions allows sessions of two hours for the customer's role.
func (p *patient) longSessions() {
	p.Helper()
	_, err := p.AWS.IAM(p.AWS.Customer.Keys).UpdateRole(p.Context(),
		&iam.UpdateRoleInput{RoleName: aws.String(doctortest.RoleName), MaxSessionDuration: aws.Int32(7200)})
	if err != nil {
		p.Fatal(err)
	}
}

// serviceRole returns a session of a role that Windlass acts through.
func (p *patient) serviceRole() aws.Credentials {
	p.Helper()
	role := p.AWS.MustRole(p.T, p.AWS.Service, "windlass", trust(p.Principal, ""),
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
	session, err := p.AWS.STS(p.Keys).AssumeRole(p.Context(),
		&sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("service")})
	if err != nil {
		p.Fatal(err)
	}
	return aws.Credentials{
		AccessKeyID:     *session.Credentials.AccessKeyId,
		SecretAccessKey: *session.Credentials.SecretAccessKey, SessionToken: *session.Credentials.SessionToken,
	}
}
