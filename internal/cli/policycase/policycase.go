// Package policycase reads decision cases: a request and the policies that
// apply to it, as `windlass policy eval` and `explain` take them. A file
// has them as {"cases":[…]} or as one case after another.
//
//	{"id":"read","policies":{"identity":[{…}],"resource":{…},"trust":{…},"session":[{…}],"boundary":{…},
//	  "scp":[[{…}],[{…}]],"rcp":[{…}],"endpoint":{…}},
//	 "principal":{"type":"user","arn":"…","account":"…"},
//	 "action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"…",
//	 "context":{"aws:SourceIp":"203.0.113.9","aws:TagKeys":["a","b"]}}
//
// Unknown members are ignored, except under "policies", where they could change
// the decision.
package policycase

import (
	"bytes"
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// Case is one case. Its policies are still unparsed; see [Compiler].
type Case struct {
	ID      string
	Request iam.Request

	identity, session, rcp              []string   // documents
	scp                                 [][]string // documents of each level
	resource, trust, boundary, endpoint string     // documents; empty when absent
}

// Parse reads one case from its JSON. The case keeps no reference to text.
// With an error it returns what it could read, above all the ID.
func Parse(text []byte) (*Case, error) {
	d := decoder{newDecoder(bytes.NewReader(text))}
	c := new(Case)
	err := d.object(func(name string) error {
		switch name {
		case "id":
			return d.str(&c.ID)
		case "policies":
			return d.policies(c)
		case "principal":
			return d.principal(&c.Request.Principal)
		case "action":
			return d.str(&c.Request.Action)
		case "resource":
			return d.str(&c.Request.Resource)
		case "resourceAccount":
			return d.str(&c.Request.ResourceAccount)
		case "context":
			return d.context(&c.Request.Context)
		default:
			return d.skip()
		}
	})
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return c, err
	}
	return c, c.complete()
}

// complete checks that the required members are present.
func (c *Case) complete() error {
	switch {
	case c.Request.Action == "":
		return fmt.Errorf("the case has no action")
	case c.Request.Resource == "":
		return fmt.Errorf("the case has no resource")
	}
	return nil
}

func (d *decoder) policies(c *Case) error {
	return d.object(func(name string) error {
		switch name {
		case "identity":
			return d.documents(&c.identity)
		case "session":
			return d.documents(&c.session)
		case "resource":
			return d.document(&c.resource)
		case "trust":
			return d.document(&c.trust)
		case "boundary":
			return d.document(&c.boundary)
		case "scp":
			return d.levels(&c.scp)
		case "rcp":
			return d.documents(&c.rcp)
		case "endpoint":
			return d.document(&c.endpoint)
		default:
			return d.errorf("unknown policy kind %q", name)
		}
	})
}

// documents reads a list of documents, or a single document.
func (d *decoder) documents(list *[]string) error {
	if d.peek() != '[' {
		var document string
		if err := d.document(&document); err != nil || document == "" {
			return err
		}
		*list = append(*list, document)
		return nil
	}
	return d.array(func() error {
		var document string
		if err := d.document(&document); err != nil {
			return err
		}
		if document == "" {
			return d.errorf("expected a policy, found null")
		}
		*list = append(*list, document)
		return nil
	})
}

// levels reads a list of levels, each a list of documents; a document in place
// of a level is a level of one.
func (d *decoder) levels(list *[][]string) error {
	if d.peek() != '[' {
		return d.level(list)
	}
	return d.array(func() error { return d.level(list) })
}

func (d *decoder) level(list *[][]string) error {
	var level []string
	if err := d.documents(&level); err != nil {
		return err
	}
	*list = append(*list, level)
	return nil
}

// document reads a policy unparsed; null means none.
func (d *decoder) document(document *string) error {
	text, err := d.raw()
	if err == nil && text != "null" {
		*document = text
	}
	return err
}

func (d *decoder) context(context *iam.Context) error {
	return d.object(func(key string) error {
		switch d.peek() {
		case '[':
			values := []string{}
			err := d.array(func() error {
				var value string
				err := d.scalar(&value)
				values = append(values, value)
				return err
			})
			context.Set(key, values...)
			return err
		case 'n':
			return d.skip() // null: the request does not carry the key
		default:
			var value string
			err := d.scalar(&value)
			context.Set(key, value)
			return err
		}
	})
}
