// nodemailer's pool: node nodemailer.js PORT COUNT SIZE CONNECTIONS; prints the seconds it sent.
const nodemailer = require('nodemailer')
const [port, count, size, connections] = process.argv.slice(2).map(Number)

const line = 'The harbour takes every vessel from today, said the press office of the town.\n'
const text = line.repeat(Math.max(1, Math.floor(size / 8 / line.length)))
const html = `<p>${line}</p>`.repeat(Math.max(1, Math.floor((size * 7) / 8 / (line.length + 7))))

async function main() {
  const pool = nodemailer.createTransport({
    pool: true, maxConnections: connections, maxMessages: Infinity,
    host: '127.0.0.1', port, secure: false, ignoreTLS: true,
  })
  const began = process.hrtime.bigint()
  let next = 0
  // four messages wait for each connection, so that none of them rests
  await Promise.all(Array.from({ length: connections * 4 }, async () => {
    while (next < count) {
      const number = next++
      await pool.sendMail({
        from: 'Press Office <press@example.org>', to: `r${number}@example.org`,
        subject: 'Harbour of Quillhaven opens to every vessel', text, html,
      })
    }
  }))
  console.log(Number(process.hrtime.bigint() - began) / 1e9)
  pool.close()
}

main()
