module berth/start

go 1.21
