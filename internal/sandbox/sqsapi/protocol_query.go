package sqsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/sandbox/query"
)

// Version is the version of the API.
const Version = "2012-11-05"

type queryService struct {
	queryProtocol
	*API
}

// Serve turns a form into the document of the JSON protocol, decides the call
// and executes it.
func (s queryService) Serve(ctx context.Context, in *query.Call) (any, error) {
	form := *in
	body, err := json.Marshal(documentOf(in.Params))
	if err != nil {
		return nil, err
	}
	form.Body = body
	return s.serve(ctx, &form)
}

// lists are the members of the JSON protocol that are flattened lists and maps
// in a form, with their names there.
var lists = map[string]string{
	"AttributeName": "AttributeNames", "MessageAttributeName": "MessageAttributeNames",
	"MessageSystemAttributeName": "MessageSystemAttributeNames", "ActionName": "Actions",
	"AWSAccountId": "AWSAccountIds", "TagKey": "TagKeys",
	"SendMessageBatchRequestEntry": "Entries", "DeleteMessageBatchRequestEntry": "Entries",
	"ChangeMessageVisibilityBatchRequestEntry": "Entries",
	"Attribute": "Attributes", "MessageAttribute": "MessageAttributes",
	"MessageSystemAttribute": "MessageSystemAttributes", "Tag": "Tags",
}

// mapped are the names of the entries of maps.
var mapped = map[string]string{
	"Attribute": "Name", "MessageAttribute": "Name", "MessageSystemAttribute": "Name", "Tag": "Key",
}

// numbers are the members that are numbers in the JSON protocol.
var numbers = map[string]bool{
	"DelaySeconds": true, "VisibilityTimeout": true, "MaxNumberOfMessages": true, "WaitTimeSeconds": true,
	"MaxResults": true,
}

// maxMembers limits how many members of a list are read.
const maxMembers = 1000

// documentOf returns the document of the JSON protocol for a form.
func documentOf(params query.Params) map[string]any {
	document, entries := map[string]any{}, map[string]map[int]query.Params{}
	for name, values := range params.Values {
		first, rest, nested := strings.Cut(name, ".")
		if lists[first] == "" || !nested {
			document[name] = valueOf(name, values[0])
			continue
		}
		number, rest, _ := strings.Cut(rest, ".")
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > maxMembers {
			continue
		}
		if entries[first] == nil {
			entries[first] = map[int]query.Params{}
		}
		if entries[first][n].Values == nil {
			entries[first][n] = query.Params{Values: map[string][]string{}}
		}
		entries[first][n].Values[rest] = values
	}
	for name, members := range entries {
		document[lists[name]] = listOf(name, members)
	}
	return document
}

func valueOf(name, text string) any {
	if numbers[name] {
		if _, err := strconv.Atoi(text); err == nil {
			return json.Number(text)
		}
	}
	return text
}

// listOf returns a list or a map of a form.
func listOf(name string, members map[int]query.Params) any {
	order := slices.Sorted(maps.Keys(members))
	if key, isMap := mapped[name]; isMap {
		all := map[string]any{}
		for _, n := range order {
			entry := members[n]
			if value := valueFields(entry); len(value) > 0 {
				all[entry.Get(key)] = value
			} else {
				all[entry.Get(key)] = entry.Get("Value")
			}
		}
		return all
	}
	list := []any{}
	for _, n := range order {
		if text, plain := members[n].Values[""]; plain {
			list = append(list, text[0])
		} else {
			list = append(list, documentOf(members[n]))
		}
	}
	return list
}

// valueFields returns the fields of a structured value, such as
// Value.StringValue.
func valueFields(entry query.Params) map[string]any {
	fields := map[string]any{}
	for name, values := range entry.Values {
		if rest, ok := strings.CutPrefix(name, "Value."); ok {
			fields[rest] = values[0]
		}
	}
	return fields
}

// queryProtocol is the query protocol of SQS.
type queryProtocol struct{}

var base = query.XML{Namespace: "http://queue.amazonaws.com/doc/" + Version + "/", Failure: "InternalFailure"}

// UnknownAction returns the error for an action that SQS doesn't have.
func (queryProtocol) UnknownAction(action, version string) error {
	return query.InvalidAction(action, version)
}

// Error returns err with the code that SQS uses.
func (queryProtocol) Error(err error) error { return named(err) }

// WriteError writes an error document.
func (queryProtocol) WriteError(w http.ResponseWriter, requestID string, err error) {
	base.WriteError(w, requestID, named(err))
}

// Write writes the result of a call; a nil result has no document.
func (queryProtocol) Write(w http.ResponseWriter, requestID, action string, result any) error {
	if result == nil {
		return base.Write(w, requestID, action, nil)
	}
	text, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("writing the response: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	document := map[string]any{}
	if err := decoder.Decode(&document); err != nil {
		return fmt.Errorf("writing the response: %w", err)
	}
	return base.Write(w, requestID, action, element{action, document})
}

// element writes a document of the JSON protocol as XML.
type element struct {
	action string
	value  map[string]any
}

// elements are the names of list and map entries in responses.
var elements = map[string]string{
	"QueueUrls": "QueueUrl", "queueUrls": "QueueUrl", "Messages": "Message", "Attributes": "Attribute",
	"MessageAttributes": "MessageAttribute", "Tags": "Tag", "Failed": "BatchResultErrorEntry",
}

// MarshalXML writes the members in the order of their names.
func (e element) MarshalXML(encoder *xml.Encoder, start xml.StartElement) error {
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(e.value)) {
		if err := e.member(encoder, name, e.value[name]); err != nil {
			return err
		}
	}
	return encoder.EncodeToken(start.End())
}

func (e element) member(encoder *xml.Encoder, name string, value any) error {
	entry := elements[name]
	if name == "Successful" {
		entry = e.action + "ResultEntry"
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if err := e.member(encoder, entry, item); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		key := map[string]string{"Attribute": "Name", "MessageAttribute": "Name", "Tag": "Key"}[entry]
		if key == "" {
			return encoder.EncodeElement(element{e.action, value}, xml.StartElement{Name: xml.Name{Local: name}})
		}
		for _, k := range slices.Sorted(maps.Keys(value)) {
			pair := element{e.action, map[string]any{key: k, "Value": value[k]}}
			if err := encoder.EncodeElement(pair, xml.StartElement{Name: xml.Name{Local: entry}}); err != nil {
				return err
			}
		}
		return nil
	default:
		return encoder.EncodeElement(fmt.Sprint(value), xml.StartElement{Name: xml.Name{Local: name}})
	}
}
