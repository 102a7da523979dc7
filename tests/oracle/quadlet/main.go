//go:build pinned

// Names podman's generator of units, which is built as it is, so that go.mod pins it.
package main

import _ "github.com/containers/podman/v5/cmd/quadlet"
