package dial

import "time"

// Use is the purpose of a client. It decides redirects, bounds and timeouts.
type Use string

// The uses.
const (
	Endpoint  Use = "endpoint"  // buckets of an S3-compatible service that a member named
	AWS       Use = "aws"       // buckets of AWS itself
	JWKS      Use = "jwks"      // key sets of CI providers
	Discovery Use = "discovery" // OpenID discovery of CI providers
	Webhook   Use = "webhook"   // webhooks of integrations
	// addresses of notifications; the beginning of a response is kept
	Notification Use = "notification"
	URLSource    Use = "url_source" // files that a source loads from a URL
)

// Uses returns every use.
func Uses() []Use { return []Use{Endpoint, AWS, JWKS, Discovery, Webhook, Notification, URLSource} }

// Limits of the responses, in bytes.
const (
	MaxKeySetBytes    = 256 << 10
	MaxDiscoveryBytes = 64 << 10
	maxHeaderBytes    = 16 << 10
	maxAnswerBytes    = 4 << 10 // of a notification
)

// maxRedirects limits the redirects that the request of a URL source follows.
const maxRedirects = 5

// Waits.
const (
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	headerTimeout    = 30 * time.Second
	idleTimeout      = 90 * time.Second
)

// limits has what a use allows.
type limits struct {
	timeout   time.Duration // of a request and its response; 0: none, the caller limits the body
	maxBody   int64         // bytes; 0: any; -1: the body is not read
	redirects redirects
	pooled    bool // connections are reused, for many concurrent requests
}

type redirects int

const (
	returned redirects = iota // the response is returned to the caller, who handles it
	refused                   // none is followed
	followed                  // up to maxRedirects are
)

func (u Use) limits() limits {
	switch u {
	case Endpoint, AWS:
		return limits{redirects: returned, pooled: true}
	case JWKS:
		return limits{timeout: 5 * time.Second, maxBody: MaxKeySetBytes, redirects: refused}
	case Discovery:
		return limits{timeout: 5 * time.Second, maxBody: MaxDiscoveryBytes, redirects: refused}
	case Webhook:
		return limits{timeout: 10 * time.Second, maxBody: -1, redirects: refused}
	case Notification:
		return limits{timeout: 15 * time.Second, maxBody: maxAnswerBytes, redirects: refused}
	case URLSource:
		return limits{redirects: followed}
	}
	return limits{timeout: 5 * time.Second, maxBody: -1, redirects: refused}
}
