module consumer {
  requires io.threadpool;
}
