package assume_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/sandboxtest"
)

// counter counts the sent requests. It doesn't count one whose context has already ended, which
// the SDK may try.
type counter struct {
	mu    sync.Mutex
	hosts []string
	end   error // instead of a response
}

func (c *counter) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.hosts = append(c.hosts, request.URL.Host)
	c.mu.Unlock()
	if c.end != nil {
		return nil, c.end
	}
	return http.DefaultTransport.RoundTrip(request)
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.hosts)
}

// A fault that passes by itself is tried again, three times in all, and any other is
// returned immediately; no wait is longer than the timeout.
func TestFaultsOfSTS(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   string
		timeout time.Duration
		works   bool
		status  int
		code    string
		asked   int
	}{
		"throttled twice": {fault: "throttle,service=sts,action=AssumeRole,count=2", works: true, asked: 3},
		"throttled for good": {
			fault: "throttle,service=sts,action=AssumeRole", status: 400, code: "Throttling",
			asked: 3,
		},
		"out of order once": {fault: "internal,service=sts,action=AssumeRole,count=1", works: true, asked: 2},
		"unavailable for good": {
			fault: "unavailable,service=sts,action=AssumeRole", status: 503,
			code: "ServiceUnavailable", asked: 3,
		},
		"cut once": {fault: "cut,service=sts,action=AssumeRole,count=1", works: true, asked: 2},
		"a region that is off": {
			fault: "region-disabled,service=sts", status: 403, code: "RegionDisabledException",
			asked: 1,
		},
		"an answer that is late": {
			fault:   "slow,service=sts,action=AssumeRole,delay=10m,bytes=1",
			timeout: 300 * time.Millisecond, asked: 1,
		},
		"clocks that differ":       {fault: "skew,service=sts,delay=20m", works: true, asked: 2},
		"a session that has ended": {fault: "expired-session,service=sts", works: true, asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aAWS := sandboxtest.Start(t)
			keys, principal := aAWS.MustUser(t, aAWS.Service, "windlass",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`)
			arn := aAWS.MustRole(t, aAWS.Customer, "reader",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+principal+
					`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"`+string(externalID)+
					`"}}}]}`)
			wire := &counter{}
			c := assume.New(assume.Config{
				AWS: aAWS.Config(keys), Endpoint: aAWS.URL, HTTPClient: &http.Client{Transport: wire},
				MaxBackoff: time.Millisecond, Timeout: tt.timeout, Now: time.Now,
			})
			aAWS.Break(t, tt.fault)
			asks := request()
			asks.RoleARN = assume.RoleARN(arn)
			_, err := c.Assume(t.Context(), asks)
			if tt.works != (err == nil) {
				t.Fatalf("got %v", err)
			}
			if err != nil {
				if f := mustFailure(t, err); f.Status != tt.status || f.Code != tt.code {
					t.Errorf("got %+v", f)
				}
			}
			if wire.count() != tt.asked {
				t.Errorf("AWS was asked %d times, want %d", wire.count(), tt.asked)
			}
		})
	}
}

// TestRegionalEndpoints checks that each region's own STS is called, never
// the global one, which is in a single region.
func TestRegionalEndpoints(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-west-1": "sts.eu-west-1.amazonaws.com", "us-east-1": "sts.us-east-1.amazonaws.com",
		"ap-southeast-4": "sts.ap-southeast-4.amazonaws.com",
		"cn-north-1":     "sts.cn-north-1.amazonaws.com.cn", "us-gov-west-1": "sts.us-gov-west-1.amazonaws.com",
	} {
		wire := &counter{end: errors.New("there is no network here")}
		c := assume.New(assume.Config{
			AWS: aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE",
				"secret", "")},
			HTTPClient: &http.Client{Transport: wire}, MaxBackoff: time.Millisecond, Now: time.Now,
		})
		_, whoErr := c.Principal(t.Context())
		_, err := c.Assume(t.Context(), request())
		for _, err := range []error{whoErr, err} {
			if f := mustFailure(t, err); f.Status != 0 || !strings.Contains(f.Message, "no network") {
				t.Errorf("%s: got %+v", region, f)
			}
		}
		if diff := cmp.Diff([]string{want, want, want, want, want, want}, wire.hosts); diff != "" { // three tries each
			t.Errorf("%s (-want +asked):\n%s", region, diff)
		}
	}
}
