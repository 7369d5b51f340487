// Package e2e tests the built binary the way people use it: by hand, by
// script and in a browser. It has only tests.
package e2e
