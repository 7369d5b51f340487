// Package e2e drives the built binary as a person would: by hand, by script
// and in a browser. All of it is tests.
package e2e
