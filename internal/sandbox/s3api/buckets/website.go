package buckets

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
)

// maxRules is the maximum number of routing rules.
const maxRules = 50

type websiteDocument struct {
	XMLName xml.Name `xml:"WebsiteConfiguration"`
	Index   *struct {
		Suffix string
	} `xml:"IndexDocument"`
	Error *struct {
		Key string
	} `xml:"ErrorDocument"`
	RedirectAll *struct {
		HostName string
		Protocol string
	} `xml:"RedirectAllRequestsTo"`
	Rules []websiteRule `xml:"RoutingRules>RoutingRule"`
}

type websiteRule struct {
	Condition *struct {
		ErrorCode string `xml:"HttpErrorCodeReturnedEquals"`
		KeyPrefix string `xml:"KeyPrefixEquals"`
	}
	Redirect *websiteRedirect
}

type websiteRedirect struct {
	HostName             string
	HTTPRedirectCode     string `xml:"HttpRedirectCode"`
	Protocol             string
	ReplaceKeyPrefixWith string
	ReplaceKeyWith       string
}

// checkWebsite validates a website's configuration. See
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html.
func checkWebsite(_ *front.Call, text string) error {
	var d websiteDocument
	if err := xml.Unmarshal([]byte(text), &d); err != nil {
		return s3error.MalformedXML()
	}
	if all := d.RedirectAll; all != nil {
		if d.Index != nil || d.Error != nil || len(d.Rules) > 0 || all.HostName == "" {
			return s3error.MalformedXML()
		}
		return checkProtocol(all.Protocol)
	}
	switch {
	case d.Index == nil:
		return s3error.MalformedXML()
	case d.Index.Suffix == "" || strings.Contains(d.Index.Suffix, "/"):
		return s3error.InvalidArgument("IndexDocument", d.Index.Suffix, "The IndexDocument Suffix is not well formed")
	case d.Error != nil && d.Error.Key == "":
		return s3error.InvalidArgument("ErrorDocument", "", "The ErrorDocument Key is not well formed")
	case len(d.Rules) > maxRules:
		return s3error.InvalidRequest(
			"%d routing rules provided, the number of routing rules in a website configuration is limited to %d.",
			len(d.Rules),
			maxRules,
		)
	}
	for _, rule := range d.Rules {
		if err := rule.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r websiteRule) check() error {
	to := r.Redirect
	switch {
	case to == nil || *to == (websiteRedirect{}):
		return s3error.MalformedXML()
	case to.ReplaceKeyWith != "" && to.ReplaceKeyPrefixWith != "":
		return s3error.InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.")
	}
	if err := checkProtocol(to.Protocol); err != nil {
		return err
	}
	if code, given, err := httpCode(to.HTTPRedirectCode); err != nil {
		return err
	} else if given && (code < 301 || code > 308 || code == 306) {
		return s3error.InvalidRequest(
			"The provided HTTP redirect code (%d) is not valid. Valid codes are 3XX except 300.",
			code,
		)
	}
	if r.Condition == nil {
		return nil
	}
	if r.Condition.ErrorCode == "" && r.Condition.KeyPrefix == "" {
		return s3error.MalformedXML()
	}
	if code, given, err := httpCode(r.Condition.ErrorCode); err != nil {
		return err
	} else if given && (code < 400 || code > 417) && (code < 500 || code > 505) {
		return s3error.InvalidRequest(
			"The provided HTTP error code (%d) is not valid. Valid codes are 4XX or 5XX.",
			code,
		)
	}
	return nil
}

func httpCode(text string) (code int, given bool, _ error) {
	if text == "" {
		return 0, false, nil
	}
	code, err := strconv.Atoi(text)
	if err != nil {
		return 0, true, s3error.MalformedXML()
	}
	return code, true, nil
}

func checkProtocol(protocol string) error {
	if protocol != "" && protocol != "http" && protocol != "https" {
		return s3error.InvalidRequest(
			"Invalid protocol, protocol can be http or https. If not defined the protocol will be selected " +
				"automatically.",
		)
	}
	return nil
}
