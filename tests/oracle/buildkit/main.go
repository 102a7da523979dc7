// The command oracle converts Dockerfiles with BuildKit's own frontend and tells which user the image starts as.
//
// Every base image that a file names is one without a user: it resolves to an empty image.
package main

import (
	"context"
	"encoding/json"

	"berth/lines"
	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
)

// question is one Dockerfile and what its build is given. The file is bytes: as JSON, in base64.
type question struct {
	Dockerfile []byte            `json:"dockerfile"`
	Target     string            `json:"target"`
	Args       map[string]string `json:"args"`
	Platform   string            `json:"platform"`
}

// answer is the image's user; Error says that BuildKit does not build the file, Frontend which other program would.
type answer struct {
	User     string `json:"user"`
	Frontend string `json:"frontend,omitempty"`
	Error    string `json:"error,omitempty"`
}

// bases answers for every image with one that has a PATH and no user.
type bases struct{}

func (bases) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := `{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},` +
		`"rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]}}`
	return ref, "", []byte(config), nil
}

var _ llb.ImageMetaResolver = bases{}

func main() {
	lines.Serve(func(line []byte) any { return convert(line) })
}

func convert(line []byte) answer {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	// As the frontend does before it converts anything; this one is the newest of docker/dockerfile:1.
	frontend, ok := asked.Args["BUILDKIT_SYNTAX"]
	if !ok {
		frontend, _, _, ok = parser.DetectSyntax(asked.Dockerfile)
	}
	if ok && frontend != "docker/dockerfile:1" {
		return answer{Frontend: frontend}
	}
	options := dockerfile2llb.ConvertOpt{
		Config:       dockerui.Config{BuildArgs: asked.Args, Target: asked.Target},
		MetaResolver: bases{},
	}
	if asked.Platform != "" {
		platform, err := platforms.Parse(asked.Platform)
		if err != nil {
			return answer{Error: err.Error()}
		}
		options.TargetPlatform = &platform
	}
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), asked.Dockerfile, options)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{User: result.Image.Config.User}
}
