package assume_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	role       = assume.RoleARN("arn:aws:iam::222222222222:role/data/reader")
	externalID = assume.ExternalID("0123456789abcdef0123456789abcdef")
)

// sts is a server that responds in AWS's form as a test requires, and stores
// the requests. It tests the form of responses; the sandbox tests decisions.
type sts struct {
	*httptest.Server
	answer func(form url.Values) (status int, body string)

	mu    sync.Mutex
	asked []url.Values
}

func newSTS(t *testing.T, answer func(url.Values) (int, string)) *sts {
	t.Helper()
	s := &sts{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(text))
		s.mu.Lock()
		s.asked = append(s.asked, form)
		s.mu.Unlock()
		status, body := s.answer(form)
		w.Header().Set("X-Amzn-Requestid", "req-1")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *sts) calls() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]url.Values(nil), s.asked...)
}

func (s *sts) caller(now func() time.Time) *assume.Caller {
	return assume.New(assume.Config{
		AWS: aws.Config{
			Region:      "eu-west-1",
			Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		},
		Endpoint:   s.URL,
		HTTPClient: s.Client(),
		MaxBackoff: time.Millisecond,
		Now:        now,
	})
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// granted returns a session that ends an hour after noon.
func granted(form url.Values) (int, string) { return grantedUntil(form, noon.Add(time.Hour)) }

func grantedUntil(form url.Values, end time.Time) (int, string) {
	return 200, fmt.Sprintf(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
		<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>hush</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%s</Expiration></Credentials>
		<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:%s</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/reader/%s</Arn></AssumedRoleUser>
		</AssumeRoleResult></AssumeRoleResponse>`, end.Format(time.RFC3339), form.Get("RoleSessionName"),
		form.Get("RoleSessionName"))
}

func refusal(code string) string {
	return fmt.Sprintf(`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>because</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`, code)
}

func denied(url.Values) (int, string) { return 403, refusal("AccessDenied") }

func request() assume.Request {
	return assume.Request{Integration: "int_1", RoleARN: role, ExternalID: externalID, Purpose: "load"}
}

func TestAssumeSendsWhatTheRuleDemands(t *testing.T) {
	t.Parallel()
	s := newSTS(t, granted)
	r := request()
	r.Policy, r.SourceIdentity, r.Tags, r.Duration = `{"Version":"2012-10-17"}`, "ci@example.com",
		map[string]string{"grant": "g1"}, 15*time.Minute
	session, err := s.caller(atNoon).Assume(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"Action": {"AssumeRole"}, "Version": {"2011-06-15"},
		"RoleArn": {string(role)}, "ExternalId": {string(externalID)}, "RoleSessionName": {"windlass-load-int_1"},
		"DurationSeconds": {"900"}, "Policy": {r.Policy}, "SourceIdentity": {r.SourceIdentity},
		"Tags.member.1.Key": {"grant"}, "Tags.member.1.Value": {"g1"},
	}
	if diff := cmp.Diff(want, s.calls()[0]); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if session.Keys.AccessKeyID != "ASIAEXAMPLE" || session.Keys.SecretAccessKey.Reveal() != "hush" ||
		session.RoleID != "AROAEXAMPLE" || session.RequestID != "req-1" {
		t.Errorf("got the session %+v", session)
	}
	if text := fmt.Sprintf("%v %+v %#v", session, session, session); strings.Contains(text, "hush") {
		t.Errorf("a session prints its secret: %s", text)
	}
}

func TestAssumeKeepsASessionForTheSameRequest(t *testing.T) {
	t.Parallel()
	s := newSTS(t, granted)
	c := s.caller(atNoon)
	other, fresh := request(), request()
	other.Policy = `{}`
	fresh.Fresh = true
	for _, r := range []assume.Request{request(), request(), other, request(), fresh, fresh} {
		if _, err := c.Assume(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(s.calls()); got != 4 {
		t.Errorf("AWS was asked %d times, want 4: one for each policy, and each time when fresh", got)
	}
	c.Forget("int_1")
	if _, err := c.Assume(t.Context(), request()); err != nil {
		t.Fatal(err)
	}
	if got := len(s.calls()); got != 5 {
		t.Errorf("AWS was asked %d times, want 5: what was forgotten is asked for again", got)
	}
}

func TestAssumeRenewsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	now := new(atomic.Int64)
	clock := func() time.Time { return noon.Add(time.Duration(now.Load())) }
	answer := new(atomic.Value)
	answer.Store(func(form url.Values) (int, string) { return grantedUntil(form, clock().Add(time.Hour)) })
	s := newSTS(t, func(form url.Values) (int, string) { return answer.Load().(func(url.Values) (int, string))(form) })
	c := s.caller(clock)

	steps := []struct {
		name   string
		at     time.Duration
		answer func(url.Values) (int, string)
		calls  int
		works  bool
	}{
		{"first", 0, nil, 1, true},
		{"still long", 45 * time.Minute, nil, 1, true},
		{"near the end", 51 * time.Minute, nil, 2, true},
		{"near the next end, AWS answers nonsense", 102 * time.Minute, func(url.Values) (int, string) {
			return 400,
				refusal("Confused")
		}, 3, true},
		{"a moment later nobody asks again", 102*time.Minute + time.Second, nil, 3, true},
		{"later AWS refuses", 103 * time.Minute, denied, 4, false},
		{"what was refused is not given again", 103*time.Minute + time.Second, nil, 5, false},
	}
	for _, step := range steps {
		now.Store(int64(step.at))
		if step.answer != nil {
			answer.Store(step.answer)
		}
		_, err := c.Assume(t.Context(), request())
		if (err == nil) != step.works {
			t.Errorf("%s: got %v", step.name, err)
		}
		if got := len(s.calls()); got != step.calls {
			t.Errorf("%s: AWS was asked %d times, want %d", step.name, got, step.calls)
		}
	}
}

func TestAssumeAsksOnceForManyAtATime(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := newSTS(t, func(form url.Values) (int, string) {
		<-release
		return granted(form)
	})
	c := s.caller(atNoon)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Assume(context.WithoutCancel(t.Context()), request()); err != nil {
				t.Error(err)
			}
		})
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Assume(impatient, request()); err == nil {
		t.Error("who gave up got a session")
	}
	close(release)
	wg.Wait()
	if got := len(s.calls()); got != 1 {
		t.Errorf("AWS was asked %d times, want 1", got)
	}
}

func TestAssumeTellsWhatWentWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer func(url.Values) (int, string)
		want   object.Failure
		calls  int
	}{
		"a refusal": {denied, object.Failure{Status: 403, Code: "AccessDenied", Message: "because"}, 1},
		"a session too long": {
			func(url.Values) (int, string) { return 400, refusal("ValidationError") },
			object.Failure{Status: 400, Code: "ValidationError", Message: "because"},
			1,
		},
		"throttling is tried again": {
			func(url.Values) (int, string) { return 400, refusal("Throttling") },
			object.Failure{Status: 400, Code: "Throttling", Message: "because"},
			3,
		},
		"the answer is for another role": {func(form url.Values) (int, string) {
			status, body := granted(form)
			return status, strings.ReplaceAll(body, "222222222222", "333333333333")
		}, object.Failure{Status: 200, Code: "AnotherRole"}, 1},
		"the answer is empty": {func(url.Values) (int, string) {
			return 200, `<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>`
		}, object.Failure{Status: 200, Code: "IncompleteAnswer"}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSTS(t, tt.answer)
			_, err := s.caller(atNoon).Assume(t.Context(), request())
			f := mustFailure(t, err)
			if f.Operation != "AssumeRole" || f.Resource != string(role) || f.RequestID != "req-1" ||
				f.Status != tt.want.Status || f.Code != tt.want.Code {
				t.Errorf("got %+v, want %+v", f, tt.want)
			}
			if tt.want.Message != "" && f.Message != tt.want.Message {
				t.Errorf("got the message %q, want %q", f.Message, tt.want.Message)
			}
			if got := len(s.calls()); got != tt.calls {
				t.Errorf("AWS was asked %d times, want %d", got, tt.calls)
			}
		})
	}
	t.Run("nobody answers", func(t *testing.T) {
		t.Parallel()
		s := newSTS(t, granted)
		s.Close()
		_, err := s.caller(atNoon).Assume(t.Context(), request())
		if f := mustFailure(t, err); f.Status != 0 || !strings.Contains(f.Message, "refused") {
			t.Errorf("got %+v, want no status and the connection refused", f)
		}
	})
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s := newSTS(t, granted)
	c := s.caller(atNoon)
	for range 2 {
		if _, err := c.Probe(t.Context(), request(), assume.NoExternalID); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Probe(t.Context(), request(), assume.WrongExternalID); err != nil {
			t.Fatal(err)
		}
	}
	calls := s.calls()
	if len(calls) != 4 {
		t.Fatalf("AWS was asked %d times, want 4: probes are not kept", len(calls))
	}
	if calls[0].Has("ExternalId") {
		t.Errorf("the probe without an External ID sent %q", calls[0].Get("ExternalId"))
	}
	wrong, again := calls[1].Get("ExternalId"), calls[3].Get("ExternalId")
	if assume.ExternalID(wrong).Check() != nil || wrong == string(externalID) || wrong == again {
		t.Errorf("the wrong External IDs were %q and %q", wrong, again)
	}
	for _, call := range calls {
		if !strings.Contains(call.Get("Policy"), `"Deny"`) || call.Get("DurationSeconds") != "900" {
			t.Errorf("the probe's session would be worth something: %v", call)
		}
	}
}

func TestPrincipal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ arn, principal string }{
		"a user": {
			"arn:aws:iam::111111111111:user/svc/windlass",
			"arn:aws:iam::111111111111:user/svc/windlass",
		},
		"a role": {
			"arn:aws-cn:sts::111111111111:assumed-role/windlass/i-0123",
			"arn:aws-cn:iam::111111111111:role/windlass",
		},
		"an account":     {"arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:root"},
		"not even close": {"nobody", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSTS(t, func(url.Values) (int, string) {
				return 200, fmt.Sprintf(`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn><UserId>AIDA</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`, tt.arn)
			})
			got, err := s.caller(atNoon).Principal(t.Context())
			if tt.principal == "" {
				if err == nil {
					t.Errorf("got %+v, want an error", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.ARN != tt.principal || got.CallerARN != tt.arn || got.Root != strings.HasSuffix(tt.arn, ":root") ||
				!got.LongTerm || got.RequestID != "req-1" {
				t.Errorf("got %+v, want the principal %s", got, tt.principal)
			}
		})
	}
}

func mustFailure(t *testing.T, err error) *object.Failure {
	t.Helper()
	f, ok := err.(*object.Failure) //nolint:errorlint // the promise is the type itself
	if !ok {
		t.Fatalf("got %T (%v), want an *object.Failure", err, err)
	}
	return f
}
