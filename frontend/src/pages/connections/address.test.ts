import { describe, expect, it } from 'vitest';
import { readAddress } from './address';

describe('A pasted address', () => {
  it('fills everything that it says', () => {
    expect(readAddress('mqtts://ada:s%40crt@broker.example.org:8884/plant_1/#')).toEqual({
      broker_host: 'broker.example.org',
      broker_port: 8884,
      use_tls: true,
      username: 'ada',
      password: 's@crt',
      prefix: 'plant_1',
    });
  });

  it.each([
    ['mqtt://broker', 1883, false],
    ['MQTTS://broker', 8883, true],
    ['ssl://broker', 8883, true],
    ['tcp://broker:80', 80, false],
  ])('%s has its usual port unless it names one', (text, port, isTls) => {
    expect(readAddress(text)).toMatchObject({ broker_host: 'broker', broker_port: port, use_tls: isTls });
  });

  it('may name an IPv6 address', () => {
    expect(readAddress('mqtt://[2001:db8::1]:1884')).toMatchObject({ broker_host: '2001:db8::1', broker_port: 1884 });
  });

  it.each(['broker.example.org', 'https://example.org', 'mqtt://', 'mqtt://a b', 'mqtt://%zz@broker', ''])(
    'is not “%s”',
    (text) => {
      expect(readAddress(text)).toBeNull();
    },
  );
});
