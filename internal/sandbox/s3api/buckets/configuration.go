package buckets

import (
	"cmp"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/awserror"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/front"
	"github.com/windlass-io/windlass/internal/sandbox/s3api/s3error"
	"github.com/windlass-io/windlass/internal/sandbox/s3store"
)

// configuration is a kind of bucket configuration that the sandbox stores and
// returns, and that has no effect.
type configuration struct {
	resource string // query parameter
	root     string // root element of the document
	read     string // action
	write    string // action of PUT and DELETE
	missing  string // error code if there is no document; empty: GET returns an empty document
	message  string
	byID     bool                                       // whether each id parameter has its own document
	check    func(c *front.Call, document string) error // nil: only the root is checked
	header   *extraHeader                               // stored along with the document; may be nil
}

// maxConfiguration limits the size of a document, in bytes.
const maxConfiguration = 64 << 10

// Configurations returns the stored bucket configurations that share one
// implementation.
func Configurations() []configuration {
	return []configuration{
		{
			"lifecycle",
			"LifecycleConfiguration",
			"GetLifecycleConfiguration",
			"PutLifecycleConfiguration",
			"NoSuchLifecycleConfiguration",
			"The lifecycle configuration does not exist",
			false,
			checkLifecycle,
			transitionHeader(),
		},
		{"logging", "BucketLoggingStatus", "GetBucketLogging", "PutBucketLogging", "", "", false, checkLogging, nil},
		{
			"website",
			"WebsiteConfiguration",
			"GetBucketWebsite",
			"PutBucketWebsite",
			"NoSuchWebsiteConfiguration",
			"The specified bucket does not have a website configuration",
			false,
			checkWebsite,
			nil,
		},
		{
			"replication",
			"ReplicationConfiguration",
			"GetReplicationConfiguration",
			"PutReplicationConfiguration",
			"ReplicationConfigurationNotFoundError",
			"The replication configuration was not found",
			false,
			checkReplication,
			nil,
		},
		{
			"accelerate",
			"AccelerateConfiguration",
			"GetAccelerateConfiguration",
			"PutAccelerateConfiguration",
			"",
			"",
			false,
			checkAccelerate,
			nil,
		},
		{
			"cors",
			"CORSConfiguration",
			"GetBucketCORS",
			"PutBucketCORS",
			"NoSuchCORSConfiguration",
			"The CORS configuration does not exist",
			false,
			checkCORS,
			nil,
		},
		{
			"inventory",
			"InventoryConfiguration",
			"GetInventoryConfiguration",
			"PutInventoryConfiguration",
			"NoSuchConfiguration",
			"The specified configuration does not exist.",
			true,
			nil,
			nil,
		},
		{
			"analytics",
			"AnalyticsConfiguration",
			"GetAnalyticsConfiguration",
			"PutAnalyticsConfiguration",
			"NoSuchConfiguration",
			"The specified configuration does not exist.",
			true,
			nil,
			nil,
		},
		{
			"metrics",
			"MetricsConfiguration",
			"GetMetricsConfiguration",
			"PutMetricsConfiguration",
			"NoSuchConfiguration",
			"The specified configuration does not exist.",
			true,
			nil,
			nil,
		},
		{
			"intelligent-tiering",
			"IntelligentTieringConfiguration",
			"GetIntelligentTieringConfiguration",
			"PutIntelligentTieringConfiguration",
			"NoSuchConfiguration",
			"The specified configuration does not exist.",
			true,
			nil,
			nil,
		},
	}
}

// Register adds the configuration's operations, which route names after the
// sub-resource.
func (k configuration) Register(table map[string]front.Operation) {
	table["get "+k.resource] = k.get
	table["put "+k.resource] = k.put
	table["delete "+k.resource] = k.remove
}

func (k configuration) key(c *front.Call) string {
	if k.byID {
		return k.resource + "/" + c.Query.Get("id")
	}
	return k.resource
}

func (k configuration) get(c *front.Call) error {
	if err := c.AllowBucket(k.read); err != nil {
		return err
	}
	settings := c.Bucket.Settings()
	if k.byID && !c.Query.Has("id") {
		return k.list(c, settings)
	}
	text := settings.Documents[k.key(c)]
	if text == "" && k.missing != "" {
		return awserror.New(http.StatusNotFound, k.missing, "%s", k.message).With("BucketName", c.BucketName)
	}
	if k.header != nil {
		c.Writer.Header().Set(k.header.name, cmp.Or(settings.Documents[k.header.key()], k.header.choices[0]))
	}
	if text == "" {
		text = "<" + k.root + ` xmlns="` + front.Namespace + `"/>`
	}
	c.Writer.Header().Set("Content-Type", "application/xml")
	c.Writer.WriteHeader(http.StatusOK)
	_, _ = c.Writer.Write([]byte(xml.Header + text)) // the client may have disconnected
	return nil
}

func (k configuration) list(c *front.Call, settings *s3store.Settings) error {
	var b strings.Builder
	name := "List" + k.root + "sResult"
	b.WriteString(xml.Header + "<" + name + ` xmlns="` + front.Namespace + `"><IsTruncated>false</IsTruncated>`)
	for _, key := range sortedKeys(settings.Documents) {
		if strings.HasPrefix(key, k.resource+"/") {
			b.WriteString(settings.Documents[key])
		}
	}
	b.WriteString("</" + name + ">")
	c.Writer.Header().Set("Content-Type", "application/xml")
	c.Writer.WriteHeader(http.StatusOK)
	_, _ = c.Writer.Write([]byte(b.String())) // the client may have disconnected
	return nil
}

func (k configuration) put(c *front.Call) error {
	if err := c.AllowBucket(k.write); err != nil {
		return err
	}
	text, err := c.ReadDocument()
	if err != nil {
		return err
	}
	if len(text) > maxConfiguration {
		return s3error.TooLong(maxConfiguration)
	}
	var root struct {
		XMLName xml.Name
		Inner   string `xml:",innerxml"`
	}
	if err := xml.Unmarshal(text, &root); err != nil || root.XMLName.Local != k.root {
		return s3error.MalformedXML()
	}
	if k.check != nil {
		if err := k.check(c, string(text)); err != nil {
			return err
		}
	}
	value, err := k.header.value(c)
	if err != nil {
		return err
	}
	return c.Configure(http.StatusOK, func(s *s3store.Settings) error {
		if k.header != nil {
			s.Documents[k.header.key()] = value
			c.Writer.Header().Set(k.header.name, value)
		}
		if len(s.Documents) >= 1000 {
			return awserror.New(
				http.StatusBadRequest,
				"TooManyConfigurations",
				"You are attempting to create a new configuration but have already reached the 1,000-configuration "+
					"limit.",
			)
		}
		s.Documents[k.key(c)] = "<" + k.root + ` xmlns="` + front.Namespace + `">` + root.Inner + "</" + k.root + ">"
		return nil
	})
}

func (k configuration) remove(c *front.Call) error {
	if err := c.AllowBucket(k.write); err != nil {
		return err
	}
	return c.Configure(http.StatusNoContent, func(s *s3store.Settings) error {
		delete(s.Documents, k.key(c))
		if k.header != nil {
			delete(s.Documents, k.header.key())
		}
		return nil
	})
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
