<?php
// Pushes a job for Penstock onto a Redis list, waits up to 30 s for its end and prints it, as JSON.
//
//     php producer.php FLOW SESSION INPUT_JSON [QUEUE]
//     php producer.php greet user-123 '{"name": "Ada"}'
//
// Needs PHP 8 and phpredis (pecl install redis, Debian's php-redis). PENSTOCK_REDIS_URL says where Redis is
// (redis://host:port/db, redis+unix:///path.sock), PENSTOCK_PREFIX what its keys begin with. Ends with 0 if the job is done, with 1
// if it ended otherwise, with 255 if its end is not known.

[, $flow, $session, $input, $queue] = [...$argv, 'default'];
$prefix = getenv('PENSTOCK_PREFIX') ?: 'penstock:';
$url = getenv('PENSTOCK_REDIS_URL') ?: 'redis://127.0.0.1:6379/0';
$server = new Redis();
if (str_starts_with($url, 'redis+unix://')) {
    $server->connect(substr($url, strlen('redis+unix://')));
} else {
    $server->connect(parse_url($url, PHP_URL_HOST), parse_url($url, PHP_URL_PORT) ?? 6379);
    $secret = parse_url($url, PHP_URL_PASS);
    $secret === null or $server->auth(array_filter(['user' => parse_url($url, PHP_URL_USER), 'pass' => rawurldecode($secret)]));
    $server->select((int) substr(parse_url($url, PHP_URL_PATH) ?? '', 1));
}

$id = bin2hex(random_bytes(16));
$job = ['flow' => $flow, 'id' => $id, 'session_id' => $session, 'input' => json_decode($input, flags: JSON_THROW_ON_ERROR)];
$server->lPush("{$prefix}queue:$queue", json_encode($job, JSON_THROW_ON_ERROR)) or throw new Exception($server->getLastError());

$ended = "{$prefix}ended:$id"; // BLMOVE reads it and leaves it there, for others that wait
$notice = $server->rawCommand('BLMOVE', $ended, $ended, 'RIGHT', 'RIGHT', 30);
$notice or throw new Exception($server->getLastError() ?? "job $id has not ended within 30 s");
echo $notice, "\n";
exit(json_decode($notice)->status === 'done' ? 0 : 1);
