module oracle

go 1.24

require github.com/containers/podman/v5 v5.6.1

require github.com/containers/storage v1.59.1 // indirect
